using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

/// <summary>Precision, recall and F1 at every threshold, against numbers computed by hand.</summary>
public sealed class ThresholdCurveTests
{
    // Ranked: 0.9 positive, 0.8 negative, 0.6 positive and negative together, 0.2 positive; the 0.95 is unknown.
    private static readonly float[] Scores = [0.9f, 0.2f, 0.95f, 0.6f, 0.8f, 0.6f];
    private static readonly sbyte[] Labels = [1, 1, -1, 1, 0, 0];

    [Test]
    public void EveryDistinctScoreIsAPointAndUnknownLabelsAreNone()
    {
        var curve = ThresholdCurve.OfAll(Scores, Labels);
        Assert.That(curve.Points, Is.EqualTo(new ThresholdPoint[]
        {
            new(0.9f, 1, 0), new(0.8f, 1, 1), new(0.6f, 2, 2), new(0.2f, 3, 2),
        }));
        Assert.That((curve.Positives, curve.Negatives), Is.EqualTo((3, 2)));
        Assert.That(curve.Points.Select(ThresholdCurve.Precision), Is.EqualTo(new[] { 1, 0.5, 0.5, 0.6 }));
        Assert.That(curve.Points.Select(curve.Recall), Is.EqualTo(new[] { 1 / 3.0, 1 / 3.0, 2 / 3.0, 1 }));
    }

    // Above the threshold: tp, fp; F1 = 2 tp / (2 tp + fp + fn) = 2 tp / (tp + fp + 3).
    [TestCase(1, 0)]
    [TestCase(0.95, 0)]
    [TestCase(0.85, 2.0 / (1 + 3))]
    [TestCase(0.7, 2.0 / (2 + 3))]
    [TestCase(0.5, 4.0 / (4 + 3))]
    [TestCase(0, 6.0 / (5 + 3))]
    public void F1IsThatOfTheScoresAboveTheThreshold(double threshold, double expected) =>
        Assert.That(ThresholdCurve.OfAll(Scores, Labels).F1At(threshold), Is.EqualTo(expected).Within(1e-12));

    [Test]
    public void AScoreEqualToTheThresholdIsNoPredictionAsInTheMetrics()
    {
        var metrics = ThresholdMetrics.Compute(Scores, Labels, classes: 1, threshold: 0.6f);
        Assert.That(
            100 * ThresholdCurve.OfAll(Scores, Labels).F1At(0.6f), Is.EqualTo(metrics.Micro.F1).Within(1e-12));
    }

    [Test]
    public void AClassTakesItsOwnColumn()
    {
        float[] scores = [0.1f, 0.9f, 0.2f, 0.8f, 0.3f, 0.7f];
        sbyte[] labels = [1, 0, 0, 1, 1, -1];
        var curve = ThresholdCurve.OfClass(scores, labels, classes: 2, column: 1);
        Assert.That(curve.Points, Is.EqualTo(new ThresholdPoint[] { new(0.9f, 0, 1), new(0.8f, 1, 1) }));
    }

    [Test]
    public void WithoutPositivesThereIsNoF1AndWithoutLabelsNoPoint()
    {
        Assert.That(ThresholdCurve.OfAll([0.5f], [0]).F1At(0.1), Is.NaN);
        Assert.That(ThresholdCurve.OfAll([0.5f], [-1]).Points, Is.Empty);
    }

    [Test]
    public void TheAreaUnderTheStepsIsTheAveragePrecision()
    {
        var random = new SeededRandom(5);
        var scores = Enumerable.Range(0, 200).Select(_ => random.Next(1_000_000) / 1e6f).ToArray();
        var labels = scores.Select(score => (sbyte)(random.Next(3) - 1)).ToArray();
        var curve = ThresholdCurve.OfAll(scores, labels);
        var (area, recall) = (0.0, 0.0);
        foreach (var point in curve.Points)
        {
            area += (curve.Recall(point) - recall) * ThresholdCurve.Precision(point);
            recall = curve.Recall(point);
        }
        Assert.That(area, Is.EqualTo(RankedLabels.OfAll(scores, labels, 1).AveragePrecision()).Within(1e-7));
    }
}
