using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

public class FontTests
{
    private const string HiddenMark = "FLIXSTOCK_TEST_FONTS_HIDDEN";

    [Test]
    public void EverythingDrawsWithTheEmbeddedTypefaceNotOneOfTheSystem()
    {
        Assert.That(EmbeddedFont.Typeface.FamilyName, Is.EqualTo("DejaVu Sans"));
        using var stream = EmbeddedFont.Typeface.OpenStream(out _);
        var resource = typeof(EmbeddedFont).Assembly.GetManifestResourceStream("fonts/DejaVuSans.ttf")!;
        Assert.That(stream.Length, Is.EqualTo(resource.Length), "the bytes come from the assembly");
    }

    [Test]
    public void TheFontsLicenceTravelsWithIt() =>
        Assert.That(EmbeddedFont.Licence, Does.Contain("Bitstream Vera").And.Contain("Permission is hereby granted"));

    [Test]
    public void TextOfSheetsPredictionsAndChartsIsThere()
    {
        if (Environment.GetEnvironmentVariable(HiddenMark) is not null)
        {
            Assert.That(
                Directory.EnumerateFileSystemEntries("/usr/share/fonts"), Is.Empty,
                "the fonts of the system are hidden");
        }
        var white = new RgbPicture(8, 8, [.. Enumerable.Repeat((byte)255, 8 * 8 * 3)]);
        Assert.That(
            Ink(ContactSheetTests.Paint(new SheetCaption("caption", "", "", ""))),
            Is.GreaterThan(Ink(ContactSheetTests.Paint(new SheetCaption("", "", "", ""))) + 50));
        var prediction = new Prediction([], [new PredictedLabel("Neck", "Neck round", 6, 0.5f)]);
        var nameless = new Prediction([], [new PredictedLabel("", "", 6, 0.5f)]);
        Assert.That(
            Ink(PredictionPainter.Paint(white, prediction)),
            Is.GreaterThan(Ink(PredictionPainter.Paint(white, nameless)) + 50));
        Assert.That(Ink(Plot("Some title")), Is.GreaterThan(Ink(Plot("")) + 50));
    }

    [Test]
    public void TextIsThereOnAMachineWithoutFonts()
    {
        if (!OperatingSystem.IsLinux() || !Directory.Exists("/usr/share/fonts"))
        {
            Assert.Ignore(
                "fonts can be hidden on Linux only, in a mount namespace, and there is no /usr/share/fonts here");
        }
        string[] hide = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /usr/share/fonts && exec \"$0\" \"$@\""];
        if (OwnTests.Start([.. hide, "true"]).Code is var refused and not 0)
        {
            Assert.Ignore(
                $"unshare -rm with a mount is refused here (exit code {refused}), so the fonts cannot be hidden");
        }
        var (code, output) = OwnTests.Run(
            $"FullyQualifiedName~{nameof(TextOfSheetsPredictionsAndChartsIsThere)}", [(HiddenMark, "1")], hide);
        Assert.That(code, Is.Zero, output);
    }

    private static RgbPicture Plot(string title) => SkiaPaper.Paint(new ChartFile(
        new ChartPanel(title, "", new Chart("c", ChartAxis.OfShares("x"), ChartAxis.OfShares("y")))));

    /// <summary>Pixels darker than half.</summary>
    internal static int Ink(RgbPicture picture)
    {
        var dark = 0;
        for (var i = 0; i < picture.Pixels.Length; i += 3)
            dark += picture.Pixels[i] + picture.Pixels[i + 1] + picture.Pixels[i + 2] < 480 ? 1 : 0;
        return dark;
    }
}
