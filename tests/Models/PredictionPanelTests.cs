using Flixstock.Engine;

namespace Flixstock.Tests.Models;

/// <summary>What stands next to a picture: thresholds, attributes, many labels, sizes.</summary>
public sealed class PredictionPanelTests
{
    private static readonly (byte, byte, byte) Tick = (32, 36, 44);

    [Test]
    public void WhatIsBelowItsThresholdIsMarkedAndSaysSo()
    {
        Assert.That(
            Texts([Label("Neck", "Neck round", 0.4f, 0.62f)]), Does.Contain("below its threshold of 62\u00A0%"));
        Assert.That(Texts([Label("Neck", "Neck round", 0.7f, 0.62f)]), Has.None.Contains("threshold"));
        Assert.That(Texts([Label("Neck", "Neck round", 0.4f, null)]), Has.None.Contains("threshold"));
    }

    [Test]
    public void ATickStandsAtTheThreshold()
    {
        int? Place(float? threshold)
        {
            var painted = PredictionPainter.Paint(White(320, 320), Of([Label("", "x", 0, threshold)]));
            var columns = Enumerable.Range(320, painted.Width - 320)
                .Where(x => Enumerable.Range(0, painted.Height).Count(y => At(painted, x, y) == Tick) >= 10).ToList();
            return columns.Count == 0 ? null : columns.Min() - 320;
        }
        Assert.That(Place(null), Is.Null);
        var (low, high) = (Place(0.25f)!.Value, Place(0.75f)!.Value);
        Assert.That(low, Is.EqualTo(18 + (190 / 4) - 1).Within(1));
        Assert.That(high - low, Is.EqualTo(190 / 2).Within(1));
    }

    [Test]
    public void AnAttributeIsNamedOnceAboveItsLabels() => Assert.That(
        Texts([Label("Neck", "Neck round", 0.4f), Label("Things", "car", 0.9f), Label("Things", "cat", 0.8f)]),
        Is.EqualTo(new[] { "Neck", "40\u00A0%", "round", "Things", "90\u00A0%", "car", "80\u00A0%", "cat" }));

    [Test]
    public void OfManyLabelsTheFirstAreShownAndTheOthersCounted()
    {
        var many = Enumerable.Range(0, 500).Select(i => Label("Classes", $"class {i}", 1 - (i / 1000f), 0.4f)).ToList();
        var texts = Texts(many);
        Assert.That(texts.Count(text => text.StartsWith("class ", StringComparison.Ordinal)), Is.EqualTo(20));
        Assert.That(texts, Does.Contain("class 19").And.Contain("and 480 more above their thresholds"));
        Assert.That(
            Texts([.. many.Select(label => label with { AboveThreshold = null })]), Does.Contain("and 480 more"));
        Assert.That(Texts([]), Is.EqualTo(new[] { "no class is above its threshold" }));
    }

    [Test]
    public void ManyAttributesTakeColumnsSoThatThePageStaysAsHighAsThePicture()
    {
        var labels = Enumerable.Range(0, 24).Select(i => Label($"Attribute {i}", "yes", 0.5f)).ToList();
        var painted = PredictionPainter.Paint(White(700, 700), Of(labels));
        Assert.That(painted.Height, Is.InRange(700, 700 * 1.25));
        Assert.That(painted.Width, Is.InRange(700 + (2 * 190), 700 + (4 * 190)));
    }

    [Test]
    public void LongNamesGoOnInASecondLine()
    {
        var texts = Texts([Label("A", "A " + string.Join(' ', Enumerable.Repeat("several words", 4)), 0.5f)]).ToList();
        Assert.That(
            string.Join(' ', texts.Skip(2)), Is.EqualTo("several words several words several words several words"));
        Assert.That(texts, Has.Count.EqualTo(4), "the attribute, the probability and two lines");
    }

    [TestCase(60, 80, 240, 320)]
    [TestCase(600, 800, 600, 800)]
    [TestCase(4000, 3000, 2048, 1536)]
    [TestCase(1, 1, 320, 320)]
    public void TextAndPanelGrowWithThePicture(int width, int height, int shownWidth, int shownHeight)
    {
        var painted = PredictionPainter.Paint(White(width, height), Of([Label("Neck", "Neck round", 0.4f, 0.62f)]));
        var unit = Math.Max(1, Math.Max(shownWidth, shownHeight) / 720.0);
        Assert.That(painted.Width, Is.EqualTo(shownWidth + (int)Math.Ceiling(226 * unit)).Within(1));
        Assert.That(painted.Height, Is.EqualTo(shownHeight));
    }

    [Test]
    public void WhatIsAnnotatedIsMarked()
    {
        var texts = Texts(
            [Label("Neck", "Neck round", 0.4f), Label("Pattern", "Pattern dots", 0.5f)], ["round", "checks"]);
        Assert.That(texts, Does.Contain("labelled checks").And.Not.Contain("labelled round"));
    }

    private static List<string> Texts(IReadOnlyList<PredictedLabel> labels, IReadOnlyList<string?>? annotated = null)
    {
        using var panel = new PredictionPanel(Of(labels), null, annotated, 500);
        return [.. panel.Texts];
    }

    private static PredictedLabel Label(string attribute, string name, float confidence, float? threshold = null) =>
        new(attribute, name, 0, confidence)
        {
            Threshold = threshold,
            AboveThreshold = threshold is { } least ? confidence > least : null,
        };

    private static Prediction Of(IReadOnlyList<PredictedLabel> labels) => new([], labels);

    private static RgbPicture White(int width, int height)
    {
        var picture = new RgbPicture(width, height);
        Array.Fill(picture.Pixels, (byte)255);
        return picture;
    }

    private static (byte, byte, byte) At(RgbPicture picture, int x, int y)
    {
        var at = ((y * picture.Width) + x) * 3;
        return (picture.Pixels[at], picture.Pixels[at + 1], picture.Pixels[at + 2]);
    }
}
