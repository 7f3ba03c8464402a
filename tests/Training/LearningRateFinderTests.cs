using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>The range test: what it suggests for a curve, and that it trains as a training does.</summary>
public sealed class LearningRateFinderTests
{
    [Test]
    public void TheRateGrowsByTheSameFactorFromOneEndToTheOther()
    {
        var schedule = new ExponentialSchedule(1e-4, 1, 5);
        Assert.That(
            Enumerable.Range(0, 5).Select(step => schedule.At(step).LearningRate),
            Is.EqualTo(new[] { 1e-4, 1e-3, 1e-2, 1e-1, 1 }).Within(1e-12));
    }

    [TestCase(0, 1, 5)]
    [TestCase(1, 1, 5)]
    [TestCase(1, double.PositiveInfinity, 5)]
    [TestCase(1, 2, 1)]
    public void RatesThatDoNotRiseAreRefused(double from, double to, int steps) =>
        Assert.That(() => new ExponentialSchedule(from, to, steps), Throws.TypeOf<InputException>());

    // Smoothed losses at 1e-5, 1e-4, ...
    [TestCase("9 8 5 3 2 6 9", 1e-2)]
    [TestCase("9 8 7 6 5 4 3", 1)]
    [TestCase("3 4 5 6 7 8 9", null)]
    [TestCase("", null)]
    public void ATenthOfTheRateWithTheLowestLossIsSuggested(string losses, double? suggested)
    {
        var points = losses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((loss, i) => new RangePoint(
            Math.Pow(10, i - 5), 0, double.Parse(loss, System.Globalization.CultureInfo.InvariantCulture))).ToList();
        var range = new LearningRateRange(points, Diverged: false);
        Assert.That(range.Suggested, suggested is null ? Is.Null : Is.EqualTo(suggested).Within(1e-9));
        Assert.That(range.StillFalls, Is.EqualTo(losses.EndsWith('3')));
    }

    [Test]
    public void ItsFirstStepIsThatOfATrainingAndItEndsWhereTheLossExplodes()
    {
        using var folder = new TemporaryFolder();
        using var backend = Backend.Cpu(1);
        var data = TinyTraining.Pictures(folder.Path);
        var (options, schedule) = (TinyTraining.Options, new ExponentialSchedule(1e-6, 1e6, 200));
        var range = LearningRateFinder.Find(backend, data, options, schedule);
        Assert.That(range.Diverged, Is.True);
        Assert.That(range.Points, Has.Count.InRange(20, 199));
        Assert.That(LearningRateFinder.Find(backend, data, options, schedule).Points, Is.EqualTo(range.Points));
        using var trainer = new Trainer(
            backend, data, data, options with { Epochs = 1 }, TrainingRun.Create(folder["run"]));
        trainer.Train();
        var first = File.ReadAllLines(folder["run/steps.csv"])[1].Split(',')[3];
        Assert.That(
            range.Points[0].Loss,
            Is.EqualTo(double.Parse(first, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.That(range.ToCsv().Split('\n'), Has.Length.EqualTo(range.Points.Count + 2));
        Assert.That(() => SkiaPaper.Paint(RangeChart.Panel(range).Chart), Throws.Nothing);
    }
}
