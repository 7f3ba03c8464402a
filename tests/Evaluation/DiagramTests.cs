using Flixstock.Engine;

namespace Flixstock.Tests.Evaluation;

/// <summary>Confusion, reliability, histogram and hard pictures, against numbers computed by hand.</summary>
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

    [Test]
    public void WrongAnswersAreOfKnownLabelsTheSurestFirst()
    {
        var data = Exclusive([0, 1, -1]);
        float[] probabilities = [0.4f, 0.6f, 0.9f, 0.1f, 0.55f, 0.45f];
        var (shown, count) = HardPictures.Wrong(probabilities, data, [0.5f, 0.5f], most: 1);
        Assert.That(count, Is.EqualTo(2));
        Assert.That(shown, Has.Count.EqualTo(1));
        Assert.That((shown[0].Sample, shown[0].Label, shown[0].Class), Is.EqualTo((1, "a y", "a x")));
        Assert.That(shown[0].Margin, Is.EqualTo(0.8f).Within(1e-6f));
    }

    [Test]
    public void TheLeastCertainHasTheSmallestLeadWhateverItsLabel()
    {
        float[] probabilities = [0.4f, 0.6f, 0.9f, 0.1f, 0.55f, 0.45f];
        var least = HardPictures.LeastCertain(probabilities, Exclusive([0, 1, -1]), [0.5f, 0.5f], most: 2);
        Assert.That(least.Select(answer => answer.Sample), Is.EqualTo(new[] { 2, 0 }));
        Assert.That(least[0].Label, Is.Empty);
    }

    [Test]
    public void IndependentClassesAreMeasuredByTheirOwnThresholds()
    {
        var table = AttributeTable.OfClasses(["cat", "dog"]);
        var data = new ImageDataset(table, [new Sample("p", "p", new sbyte[] { 1, 0 })]);
        float[] probabilities = [0.6f, 0.3f];
        var (shown, count) = HardPictures.Wrong(probabilities, data, [0.7f, 0.1f], most: 5);
        Assert.That(count, Is.EqualTo(2), "below its own threshold, and above it");
        Assert.That(
            shown.Select(answer => (answer.Class, answer.Label)),
            Is.EqualTo(new[] { ("dog", "no"), ("cat", "yes") }));
    }

    private static ImageDataset Exclusive(int[] truths)
    {
        var table = new AttributeTable([new AttributeGroup("a", "a", 2, ["x", "y"])]);
        return new ImageDataset(
            table, [.. truths.Select((truth, i) => new Sample($"p{i}", $"p{i}", table.Labels([truth])))]);
    }
}
