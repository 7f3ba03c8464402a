using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>Overlays: colour and opacity follow the map, captions name attribute, label and probability.</summary>
public sealed class ExplanationPainterTests
{
    private static readonly PredictedLabel Neck = new("Neck", "Neck V-neck", 1, 0.934f);

    [TestCase(1, 1)]
    [TestCase(1, 3000)]
    [TestCase(3000, 1)]
    [TestCase(61, 97)]
    [TestCase(1500, 1200)]
    public void AnyPictureBecomesOneOfAReadableSize(int width, int height)
    {
        var maps = new[] { new ActivationMap(2, 2, [0, 1, 2, 3]), new ActivationMap(2, 2, new float[4]) };
        var prediction = new Prediction([], [Neck, new("Pattern", new string('x', 300), 0, float.NaN)]) { Maps = maps };
        var sheet = ExplanationPainter.Paint(new RgbPicture(width, height), prediction, "a title");
        Assert.That(sheet.Width, Is.InRange(3 * 120, (3 * (512 + 12)) + 12));
        Assert.That(
            sheet.Height, Is.InRange(1, 12 + 44 + 512 + 12 + 210 + 12),
            "a title, the pictures, captions of six lines");
    }

    [Test]
    public void OpacityIsProportionalToTheValue()
    {
        using var overlay = ExplanationPainter.Overlay(new ActivationMap(1, 3, [0, 2, 4]), 3, 1);
        Assert.That(overlay.GetPixel(0, 0).Alpha, Is.Zero);
        Assert.That(overlay.GetPixel(1, 0).Alpha, Is.EqualTo(102), "half of 0.8");
        Assert.That(overlay.GetPixel(2, 0).Alpha, Is.EqualTo(204));
        Assert.That(overlay.GetPixel(2, 0).WithAlpha(255), Is.EqualTo(ColourScale.Of(1)));
    }

    [Test]
    public void ThePictureIsSeenWhereNothingSpeaksForTheLabel()
    {
        var picture = new RgbPicture(256, 256);
        Array.Fill(picture.Pixels, (byte)200);
        var map = new ActivationMap(2, 2, [0, 0, 0, 1]);
        var sheet = ExplanationPainter.Paint(picture, new Prediction([], [Neck]) { Maps = [map] });
        int At(int x, int y) => sheet.Pixels[((y * sheet.Width) + x) * 3];
        var second = 12 + 256 + 12; // the overlay is right of the picture
        Assert.That(At(second + 40, 12 + 40), Is.EqualTo(200));
        Assert.That(At(second + 250, 12 + 250), Is.Not.EqualTo(200));
    }

    [Test]
    public void ACaptionNamesAttributeLabelAndProbability()
    {
        var map = new ActivationMap(1, 1, [1]);
        Assert.That(ExplanationPainter.Captions(Neck, map), Is.EqualTo(("Neck", "93\u00A0%\u00A0\u00A0V-neck")));
        Assert.That(
            ExplanationPainter.Captions(Neck, new ActivationMap(1, 1, [0])).Attribute,
            Is.EqualTo("Neck: no place speaks for it"));
    }

    [Test]
    public void APredictionWithoutMapsIsRefused() => Assert.That(
        () => ExplanationPainter.Paint(new RgbPicture(1, 1), new Prediction([], [Neck])), Throws.ArgumentException);
}
