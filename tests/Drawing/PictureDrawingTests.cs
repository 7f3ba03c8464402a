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
        // Of a longer side of 320 the panel is 226 to 416 wide and its three rows need 280 in height; of one of 2048 it
        // is 2.8 times as large.
        Assert.That(painted.Width, Is.InRange(227, 2048 + (416 * 2.85)));
        Assert.That(painted.Height, Is.InRange(280, 2048));
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
    public void ChartsOfDistributionsHaveBarsOfEveryColour()
    {
        foreach (var group in GarmentNames.Attributes.Groups)
        {
            int[] Counts(int each) => [.. Enumerable.Repeat(each, group.Classes + 1)];
            var chart = SkiaPaper.Paint(DistributionChart.Panel(
                new ClassDistribution(group, Counts(50), Counts(100), Counts(25), Counts(0))).Chart);
            foreach (var tone in new[] { "quiet", "t0", "t1" })
                Assert.That(Count(chart, tone), Is.GreaterThan(500), $"{group.Name}: {tone}");
        }
    }

    [Test]
    public void ADistributionOfNothingIsStillAChart()
    {
        var empty = new ClassDistribution(
            AttributeTable.Garments.Groups[1], new int[5], new int[5], new int[5], new int[5]);
        Assert.That(
            FontTests.Ink(SkiaPaper.Paint(DistributionChart.Panel(empty).Chart)), Is.GreaterThan(500));
    }

    [Test]
    public void CurvesShowBothAveragesAndLeaveOutWhatWasNotMeasured()
    {
        static EpochSummary Epoch(int epoch, double plain, double average) =>
            new(epoch, epoch * 10, 300.0 / epoch, 1e-4, plain, average, 0, 0, false, 1, 1);
        var both = Curves([Epoch(1, 0.2, 0.1), Epoch(2, 0.4, 0.3), Epoch(3, 0.5, 0.6)], 1);
        Assert.That(Count(both, "t0"), Is.GreaterThan(200));
        Assert.That(Count(both, "t1"), Is.GreaterThan(200));
        var none = Curves([Epoch(1, double.NaN, double.NaN)], 1);
        Assert.That(Count(none, "t0"), Is.Zero);
        Assert.That(FontTests.Ink(none), Is.GreaterThan(500));
    }

    [Test]
    public void TheTrainingLossIsDrawnByStepEvenAfterOneEpoch()
    {
        var epoch = new EpochSummary(1, 60, 200, 1e-4, double.NaN, double.NaN, 0, 0, false, 1, 1);
        var steps = Enumerable.Range(1, 60).Select(step => new StepLoss(step, 0, 400.0 / step, double.NaN)).ToList();
        string Loss(IReadOnlyList<StepLoss> known) =>
            SvgPaper.Of(TrainingCurves.Panels([new RunCurves("", [epoch], known)])[0].Chart).ToString();
        Assert.That(Loss([]), Does.Not.Contain("line ink thin"));
        Assert.That(Loss(steps), Does.Match("line ink thin\" d=\"M[^\"]*(L[^\"L]*){20,}\""));
    }

    private static RgbPicture Curves(IReadOnlyList<EpochSummary> epochs, int panel) =>
        SkiaPaper.Paint(TrainingCurves.Panels([new RunCurves("", epochs, [])])[panel].Chart);

    private static int Count(RgbPicture picture, string tone)
    {
        var colour = Convert.FromHexString(ChartPalette.Light.Of(tone)[1..]);
        var count = 0;
        for (var i = 0; i < picture.Pixels.Length; i += 3)
            count += picture.Pixels.AsSpan(i, 3).SequenceEqual(colour) ? 1 : 0;
        return count;
    }
}
