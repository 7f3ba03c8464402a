using Flixstock.Engine;

namespace Flixstock.Tests.Training;

public class ModelScoreTests
{
    private const double Nothing = double.NaN;

    [TestCase(0.5, 9, 0.4, 1, true)]
    [TestCase(0.5, 9, 0.5, 1, false)]
    [TestCase(0.4, 1, 0.5, 9, false)]
    [TestCase(0, 9, Nothing, 1, true)]
    [TestCase(Nothing, 1, 0, 9, false)]
    [TestCase(Nothing, 1, Nothing, 2, true)]
    [TestCase(Nothing, 2, Nothing, 2, false)]
    [TestCase(Nothing, 2, Nothing, Nothing, true)]
    [TestCase(Nothing, Nothing, Nothing, 2, false)]
    [TestCase(Nothing, Nothing, Nothing, Nothing, false)]
    [TestCase(Nothing, double.PositiveInfinity, Nothing, 2, false)]
    [TestCase(Nothing, 2, double.NegativeInfinity, Nothing, true)]
    public void ANumberThatCannotBeComputedIsNeverBetter(
        double map, double loss, double otherMap, double otherLoss, bool better) =>
        Assert.That(new ModelScore(map, loss).Beats(new ModelScore(otherMap, otherLoss)), Is.EqualTo(better));

    [TestCase(0.2, 3, 0.3, 9, WeightsKind.Average)]
    [TestCase(0.3, 9, 0.3, 3, WeightsKind.Plain)]
    [TestCase(Nothing, 3, Nothing, 2, WeightsKind.Average)]
    [TestCase(Nothing, Nothing, Nothing, Nothing, WeightsKind.Plain)]
    public void TheBetterWeightsOfAnEpochAreChosenTheSameWay(
        double map, double loss, double averageMap, double averageLoss, WeightsKind better) =>
        Assert.That(
            new EpochSummary(1, 1, 1, 1, map, averageMap, 0, 0, true, 1, 1, loss, averageLoss).Better,
            Is.EqualTo(better));
}
