using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>Losses by step: every step while they are few, means of neighbours when they are many.</summary>
public sealed class LossHistoryTests
{
    [Test]
    public void FewStepsAreKeptEach()
    {
        var history = new LossHistory();
        history.Add(1, 4);
        history.Add(2, 3);
        history.Add(4, 1); // the third step had no finite loss
        Assert.That(history.Points, Is.EqualTo(new[] { (1.0, 4.0), (2.0, 3.0), (4.0, 1.0) }));
    }

    [TestCase(1024, 1, 1024)]
    [TestCase(1025, 2, 513)]
    [TestCase(10_000, 16, 625)]
    public void ManyStepsBecomeMeansOfNeighbours(int steps, int together, int points)
    {
        var history = new LossHistory();
        for (var step = 1; step <= steps; step++)
            history.Add(step, step);
        var kept = history.Points.ToArray();
        Assert.That(kept, Has.Length.EqualTo(points));
        // The mean of the numbers of a point's steps is where it is drawn.
        Assert.That(kept.Take(points - 1), Is.All.Matches<(double Step, double Loss)>(at => at.Step == at.Loss));
        Assert.That(kept[0].Step, Is.EqualTo((together + 1) / 2.0));
        Assert.That(kept[1].Step - kept[0].Step, Is.EqualTo(together));
    }

    [TestCase(3)]
    [TestCase(1024)]
    [TestCase(5000)]
    public void AHistoryThatIsSavedContinuesToTheSameText(int at)
    {
        var (whole, first, second) = (new LossHistory(), new LossHistory(), new LossHistory());
        static double Loss(int step) => Math.Sqrt(step) / 3;
        for (var step = 1; step <= 7000; step++)
        {
            whole.Add(step, Loss(step));
            if (step <= at)
                first.Add(step, Loss(step));
        }
        second.Add(99, 1); // is forgotten
        second.Load(first.Save());
        for (var step = at + 1; step <= 7000; step++)
            second.Add(step, Loss(step));
        Assert.That(second.Save(), Is.EqualTo(whole.Save()));
        Assert.That(second.Points, Is.EqualTo(whole.Points));
    }

    [Test]
    public void AStateWithoutAHistoryBeginsANewOne()
    {
        var history = new LossHistory();
        history.Add(1, 4);
        history.Load(null);
        Assert.That(history.Points, Is.Empty);
        history.Add(12, 3);
        Assert.That(history.Points, Is.EqualTo(new[] { (12.0, 3.0) }));
    }

    [TestCase("")]
    [TestCase("0 1*1")]
    [TestCase("1 1")]
    [TestCase("1 x*1")]
    [TestCase("1 1*-1")]
    public void ADamagedHistoryIsRefused(string text) =>
        Assert.That(() => new LossHistory().Load(text), Throws.InstanceOf<FormatException>());
}
