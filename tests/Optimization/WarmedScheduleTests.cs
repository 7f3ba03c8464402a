using Flixstock.Engine;

namespace Flixstock.Tests.Optimization;

/// <summary>Schedules with a warm-up.</summary>
public class WarmedScheduleTests
{
    // Half a cosine over the 8 steps after a warm-up of 4; at the end of the table it is 0.
    [Test]
    public void ACosineFallsFromTheTopToNothing()
    {
        var schedule = new WarmedSchedule(WarmedShape.Cosine, 0.4, 4, 12);
        double[] expected =
        [
            0.1, 0.2, 0.3, 0.4,
            0.4, 0.38477590650225735, 0.34142135623730951, 0.27653668647301796, 0.2, 0.12346331352698205,
            0.058578643762690494, 0.015224093497742652, 0,
        ];
        Assert.That(
            Enumerable.Range(0, 13).Select(step => schedule.At(step).LearningRate),
            Is.EqualTo(expected).Within(1e-15));
        Assert.That(Enumerable.Range(0, 13).Select(step => schedule.At(step).Beta1), Is.All.EqualTo(0.9));
    }

    [Test]
    public void AConstantRateStaysAfterTheWarmUp()
    {
        var schedule = new WarmedSchedule(WarmedShape.Constant, 0.3, 2, 5);
        Assert.That(
            Enumerable.Range(0, 6).Select(step => schedule.At(step).LearningRate),
            Is.EqualTo(new[] { 0.15, 0.3, 0.3, 0.3, 0.3, 0.3 }).Within(1e-15));
        Assert.That(new WarmedSchedule(WarmedShape.Constant, 0.3, 0, 1).At(0).LearningRate, Is.EqualTo(0.3));
    }

    [TestCase(5)]
    [TestCase(6)]
    public void AWarmUpAsLongAsTheTrainingIsRefused(int warmup) => Assert.That(
        () => new WarmedSchedule(WarmedShape.Cosine, 0.1, warmup, 5),
        Throws.TypeOf<InputException>().With.Message
            .EqualTo($"WarmupSteps {warmup}: the training has 5 steps in all; give fewer than that"));

    [Test]
    public void OptionsChooseIt()
    {
        var options = new TrainerOptions { LearningRate = 0.2 };
        Assert.That(options.ScheduleOf(10), Is.TypeOf<OneCycleSchedule>());
        var cosine = options with { Schedule = ScheduleKind.Cosine, WarmupSteps = 2 };
        Assert.That(
            (cosine.ScheduleOf(10).At(0).LearningRate, cosine.ScheduleOf(10).At(6).LearningRate),
            Is.EqualTo((0.1, 0.1)).Within(1e-15));
        Assert.That(
            (options with { Schedule = ScheduleKind.Constant }).ScheduleOf(10).At(9).LearningRate, Is.EqualTo(0.2));
    }
}
