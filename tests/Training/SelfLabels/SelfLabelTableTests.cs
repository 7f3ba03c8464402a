using Flixstock.Engine;

namespace Flixstock.Tests.Training;

/// <summary>The pseudo-labels themselves: what they may change, how they are saved and what is refused.</summary>
public sealed class SelfLabelTableTests
{
    // Five classes of three pictures; -1 is what may be labelled.
    private static readonly List<Sample> Samples =
    [
        new("a.png", "a.png", [1, -1, 0, -1, -1]), new("b.png", "b.png", [-1, -1, -1, -1, 1]),
        new("c.png", "c.png", SampleLabels.Sparse(5, [(2, 1)])),
    ];

    [Test]
    public void ABatchGetsLabelsWhereNothingIsAnnotated()
    {
        var table = Filled(soft: false);
        var batch = new Batch(2, 1, 5, soft: true) { Count = 2 };
        (batch.SampleIndices[0], batch.SampleIndices[1]) = (1, 0);
        Samples[1].Labels.CopyTo(batch.Labels);
        Samples[0].Labels.CopyTo(batch.Labels.AsSpan(5));
        table.Apply(batch);
        Assert.That(batch.Labels, Is.EqualTo(new[] { 0, -1, -1, -1, 1, 1, 1, 0, -1, -1 }));
        Assert.That((batch.SoftLabels![0], batch.SoftLabels[6]), Is.EqualTo((0f, 1f)));
        table.KeepComing();
        table.Apply(batch);
        Assert.That(batch.Labels[1], Is.EqualTo(1), "what comes is there in the next epoch");
        Assert.That(() => table.Set(0, 2, SelfLabelTable.Positive), Throws.InvalidOperationException);
        table.Clear();
        Assert.That(table.Count(1, null) is { Positive: 0, Negative: 0, Unknown: 11 });
    }

    [Test]
    public void SoftLabelsAreTargets()
    {
        var table = Filled(soft: true);
        var batch = new Batch(1, 1, 5, soft: true) { Count = 1 };
        batch.SampleIndices[0] = 1;
        table.Apply(batch);
        Assert.That(batch.SoftLabels![0], Is.EqualTo(0.25f));
    }

    [Test]
    public void TheCountSaysWhatIsRight()
    {
        var truth = new List<Sample>
        {
            Samples[0] with { Labels = (sbyte[])[1, 1, 0, -1, 0] },
            Samples[1] with { Labels = (sbyte[])[1, 0, -1, -1, 1] },
            Samples[2],
        };
        var (expected, table) = (new SelfLabelEpoch(3, 11, 2, 2, 1, 2, 1, 0), Filled(soft: false));
        table.Set(2, 4, SelfLabelTable.Negative);
        Assert.That(table.Count(3, truth), Is.EqualTo(expected));
        Assert.That(SelfLabelEpoch.FromText(SelfLabelEpoch.ToText([expected, expected])), Is.EqualTo(new[]
        {
            expected, expected,
        }));
    }

    [Test]
    public void WhatIsSavedIsReadAgain([Values] bool soft)
    {
        var table = Filled(soft);
        var other = new SelfLabelTable(Samples, 5, soft);
        other.Set(2, 0, SelfLabelTable.Negative, 0.5f); // is not there afterwards
        other.Unpack(table.Pack(), table.PackSoft());
        Assert.That(other.Pack(), Is.EqualTo(table.Pack()));
        Assert.That(other.PackSoft(), Is.EqualTo(table.PackSoft()));
        Assert.That(other.Count(1, null), Is.EqualTo(table.Count(1, null)));
        Assert.That(table.Pack(), Has.Length.EqualTo(4), "15 labels, four in a byte");
    }

    // Two bits a label from the lowest on: label 0 is annotated, there is no label 15, soft labels are negative.
    [TestCase(false, new byte[] { 0, 0, 0 }, new float[0], "3 bytes of pseudo-labels, where 4")]
    [TestCase(false, new byte[] { 1, 0, 0, 0 }, new float[0], "label 0 has a pseudo-label")]
    [TestCase(false, new byte[] { 0, 0, 0, 0x40 }, new float[0], "label 15 has a pseudo-label")]
    [TestCase(true, new byte[] { 8, 0, 0, 0 }, new[] { 0.5f }, "label 1 has a pseudo-label")]
    [TestCase(true, new byte[] { 4, 0, 0, 0 }, new float[0], "0 soft pseudo-labels, where there are 1")]
    [TestCase(true, new byte[] { 4, 0, 0, 0 }, new[] { 1f }, "a soft label 1")]
    [TestCase(true, new byte[] { 4, 0, 0, 0 }, new[] { float.NaN }, "a soft label NaN")]
    public void WhatCannotBeIsRefused(bool soft, byte[] cells, float[] values, string message) => Assert.That(
        () => new SelfLabelTable(Samples, 5, soft).Unpack(cells, values),
        Throws.TypeOf<InputException>().With.Message.Contains(message));

    // a: class 1 positive; b: class 0 negative, class 1 positive from the next epoch on
    private static SelfLabelTable Filled(bool soft)
    {
        var table = new SelfLabelTable(Samples, 5, soft);
        table.Set(1, 0, SelfLabelTable.Negative, 0.25f);
        if (soft)
            return table;
        table.Set(0, 1, SelfLabelTable.Positive);
        table.Set(1, 1, SelfLabelTable.Coming);
        return table;
    }
}
