using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

/// <summary>Confusion, reliability and histogram, against numbers computed by hand.</summary>
public sealed class DiagramTests
{
    [Test]
    public void ConfusionCountsKnownPicturesAndLeavesUnknownOnesBesideThem()
    {
        // Two attributes, of 1 and 3 columns; the second is counted.
        float[] scores =
        [
            0.5f, 0.7f, 0.2f, 0.1f,
            0.5f, 0.1f, 0.2f, 0.7f,
            0.5f, 0.3f, 0.3f, 0.1f,
            0.5f, 0.1f, 0.8f, 0.1f,
        ];
        sbyte[] labels = [1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, -1, -1, -1];
        var matrix = ConfusionMatrix.Compute(scores, labels, stride: 4, offset: 1, classes: 3);
        Assert.That(
            matrix.Counts, Is.EqualTo(new[,] { { 1, 0, 0 }, { 1, 0, 1 }, { 0, 0, 0 } }), "of equal ones the first");
        Assert.That(matrix.Unknown, Is.EqualTo(new[] { 0, 1, 0 }));
        Assert.That(matrix.Answers[^1], Is.EqualTo(new ClassAnswer(-1, 1)));
        Assert.That(matrix.Known(1), Is.EqualTo(2));
    }

    [Test]
    public void ReliabilityHasMeansOfKnownLabelsPerBin()
    {
        // Bins are 1/15 wide: 0.5 and 0.52 are in the bin from 7/15, 1 is in the last one.
        var diagram = ReliabilityDiagram.Of([0.5f, 0.52f, 1, 0.01f], [1, 0, 1, -1]);
        Assert.That(diagram.Bins, Has.Count.EqualTo(15));
        Assert.That(diagram.Bins[7].Labels, Is.EqualTo(2));
        Assert.That(diagram.Bins[7].MeanProbability, Is.EqualTo(0.51).Within(1e-7));
        Assert.That(diagram.Bins[7].ShareOfPositives, Is.EqualTo(0.5));
        Assert.That(diagram.Bins[0], Is.EqualTo(new ReliabilityBin(0, double.NaN, double.NaN)), "the label is unknown");
        Assert.That(diagram.Error, Is.EqualTo((2 * 0.01 + 0) / 3).Within(1e-7));
    }

    [Test]
    public void TheErrorOfTheBinsIsTheCalibrationError()
    {
        var random = new SeededRandom(3);
        var scores = Enumerable.Range(0, 500).Select(_ => random.Next(1001) / 1000f).ToArray();
        var labels = scores.Select(score => (sbyte)(random.Next(3) - 1)).ToArray();
        Assert.That(
            ReliabilityDiagram.Of(scores, labels).Error,
            Is.EqualTo(CalibrationError.Overall(scores, labels)).Within(1e-9));
        Assert.That(ReliabilityDiagram.Of([0.5f], [-1]).Error, Is.NaN);
    }

    [Test]
    public void TheHistogramKeepsUnknownLabelsApart()
    {
        var histogram = ProbabilityHistogram.Of([0, 0.04f, 0.05f, 1, 0.99f], [0, 1, 0, -1, 1]);
        Assert.That((histogram.Negatives[0], histogram.Positives[0], histogram.Negatives[1]), Is.EqualTo((1, 1, 1)));
        Assert.That((histogram.Unknown[^1], histogram.Positives[^1]), Is.EqualTo((1, 1)));
        Assert.That(histogram.Unknown.Sum() + histogram.Positives.Sum() + histogram.Negatives.Sum(), Is.EqualTo(5));
    }
}
