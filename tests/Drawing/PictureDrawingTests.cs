using Flixstock.Engine;

namespace Flixstock.Tests.Drawing;

public class PictureDrawingTests
{
    private static readonly Prediction Some = new([],
    [
        new PredictedLabel("Neck", "Neck V-neck", 1, 0.93f),
        new PredictedLabel("Sleeve Length", "Sleeve Length 3", 3, float.NaN),
        new PredictedLabel("Pattern", "Pattern " + new string('x', 200), 0, 0),
    ]);

    [TestCase(1, 1)]
    [TestCase(1, 5000)]
    [TestCase(5000, 1)]
    [TestCase(64, 64)]
    [TestCase(4000, 3000)]
    public void AnyPictureBecomesOneWhoseTextCanBeRead(int width, int height)
    {
        var painted = PredictionPainter.Paint(
            new RgbPicture(width, height), Some, "a title", ["V-neck", "Sleeve Length 2", null]);
        // The panel is 220 to 460 wide and its three rows need 252 in height; the picture's longer side is 320 to 1024.
        Assert.That(painted.Width, Is.InRange(221, 1024 + 460));
        Assert.That(painted.Height, Is.InRange(252, 1024));
        Assert.That(
            painted.Pixels.AsSpan(((painted.Width * painted.Height) - 1) * 3, 3).ToArray(), Is.All.EqualTo(255),
            "the corner of the panel is paper");
    }

    [Test]
    public void TheSamePredictionIsDrawnWithTheSamePixels()
    {
        var picture = new RgbPicture(40, 30);
        var first = PredictionPainter.Paint(picture, Some);
        var second = PredictionPainter.Paint(picture, Some);
        Assert.That(second.Pixels, Is.EqualTo(first.Pixels));
    }

    [Test]
    public void AContactSheetTakesPicturesOfDifferentSizes()
    {
        var sheet = ContactSheet.Paint(
            [
                (() => new RgbPicture(1, 1), ""), (() => new RgbPicture(300, 20), "wide"),
                (() => new RgbPicture(5, 900), new string('w', 300)),
            ],
            columns: 2, cell: 64, title: "three");
        Assert.That((sheet.Width, sheet.Height), Is.EqualTo(((2 * 74) + 10, 40 + (2 * 94))));
    }

    [Test]
    public void ChartsOfDistributionsHaveBarsOfEveryColour()
    {
        foreach (var group in GarmentNames.Attributes.Groups)
        {
            int[] Counts(int each) => [.. Enumerable.Repeat(each, group.Classes + 1)];
            var chart = PictureDecoder.Decode(
                DistributionChart.Encode(new ClassDistribution(group, Counts(50), Counts(100), Counts(25), Counts(0))),
                "chart");
            foreach (var (red, green, blue) in new[] { (150, 166, 186), (38, 110, 190), (232, 150, 50) })
                Assert.That(Count(chart, red, green, blue), Is.GreaterThan(500), $"{group.Name}: {red} {green} {blue}");
        }
    }

    [Test]
    public void ADistributionOfNothingIsStillAChart()
    {
        var empty = new ClassDistribution(
            AttributeTable.Garments.Groups[1], new int[5], new int[5], new int[5], new int[5]);
        Assert.That(
            FontTests.Ink(PictureDecoder.Decode(DistributionChart.Encode(empty), "chart")), Is.GreaterThan(500));
    }

    [Test]
    public void CurvesShowBothAveragesAndLeaveOutWhatWasNotMeasured()
    {
        static EpochSummary Epoch(int epoch, double plain, double average) =>
            new(epoch, epoch * 10, 300.0 / epoch, 1e-4, plain, average, 0, 0, false, 1, 1);
        var both = PictureDecoder.Decode(
            TrainingCurves.Encode([Epoch(1, 0.2, 0.1), Epoch(2, 0.4, 0.3), Epoch(3, 0.5, 0.6)]), "curves");
        Assert.That(Count(both, 38, 110, 190), Is.GreaterThan(200));
        Assert.That(Count(both, 232, 150, 50), Is.GreaterThan(200));
        var none = PictureDecoder.Decode(TrainingCurves.Encode([Epoch(1, double.NaN, double.NaN)]), "curves");
        Assert.That(Count(none, 38, 110, 190), Is.Zero);
        Assert.That(FontTests.Ink(none), Is.GreaterThan(500));
    }

    [Test]
    public void TheTrainingLossIsDrawnByStepEvenAfterOneEpoch()
    {
        var epoch = new EpochSummary(1, 60, 200, 1e-4, double.NaN, double.NaN, 0, 0, false, 1, 1);
        var steps = Enumerable.Range(1, 60).Select(step => ((double)step, 400.0 / step));
        var dot = PictureDecoder.Decode(TrainingCurves.Encode([epoch]), "curves");
        var curve = PictureDecoder.Decode(TrainingCurves.Encode([epoch], steps), "curves");
        Assert.That(Count(dot, 70, 80, 95), Is.InRange(1, 200));
        Assert.That(Count(curve, 70, 80, 95), Is.GreaterThan(700));
    }

    private static int Count(RgbPicture picture, int red, int green, int blue)
    {
        var count = 0;
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            count +=
                picture.Pixels[i] == red && picture.Pixels[i + 1] == green && picture.Pixels[i + 2] == blue ? 1 : 0;
        }
        return count;
    }
}
