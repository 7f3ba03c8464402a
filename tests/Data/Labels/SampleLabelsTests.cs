using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Labels of which only the known ones are kept are the same labels.</summary>
public class SampleLabelsTests
{
    [Test]
    public void SparseAndDenseLabelsAreAlike()
    {
        var random = new SeededRandom(5);
        for (var round = 0; round < 200; round++)
        {
            var all = Enumerable.Range(0, 1 + random.Next(40)).Select(_ => (sbyte)(random.Next(3) - 1)).ToArray();
            SampleLabels dense = all;
            var known = all.Select((label, k) => (k, label)).Where(entry => entry.label >= 0).ToArray();
            random.Shuffle(known.AsSpan());
            var sparse = SampleLabels.Sparse(all.Length, known);
            var copy = new sbyte[all.Length + 2];
            sparse.CopyTo(copy);
            Assert.That(sparse, Is.EqualTo(all));
            Assert.That(Enumerable.Range(0, all.Length).Select(k => sparse[k]), Is.EqualTo(all));
            Assert.That(copy[..^2], Is.EqualTo(all));
            Assert.That(sparse.AsSpan().ToArray(), Is.EqualTo(dense.AsSpan().ToArray()));
            Assert.That(sparse.Known(), Is.EqualTo(dense.Known()));
        }
    }

    [TestCase(3, (sbyte)1)]
    [TestCase(-1, (sbyte)0)]
    [TestCase(0, (sbyte)-1)]
    public void WhatIsNoKnownLabelIsRefused(int index, sbyte label) =>
        Assert.That(() => SampleLabels.Sparse(3, [(index, label)]), Throws.ArgumentException);

    [Test]
    public void AClassIsNamedOnce() =>
        Assert.That(() => SampleLabels.Sparse(3, [(1, 1), (1, 0)]), Throws.ArgumentException);
}
