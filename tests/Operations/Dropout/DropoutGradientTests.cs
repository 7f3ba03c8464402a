using Flixstock.Engine;
using Flixstock.Tests.Checking;

namespace Flixstock.Tests.Operations;

/// <summary>What is dropped, and the gradient.</summary>
public sealed class DropoutGradientTests
{
    private static readonly LayerCase[] Cases =
    [
        new("vectors", () => new Dropout("d", 0.4f) { Seed = 3 }, new Shape(5, 13)),
        new("queries", () => new Dropout("d", 0.1f) { Seed = ulong.MaxValue }, new Shape(2, 3, 8)),
    ];

    [Test]
    public void TheBackwardPassIsTheForwardPassesGradient(
        [ValueSource(nameof(Cases))] LayerCase layer,
        [Values(true, false)] bool training,
        [ValueSource(typeof(Kinds), nameof(Kinds.All))] string kind) => layer.Check(training, kind);

    // The published test vectors of Philox4x32-10 (Random123's kat_vectors).
    [TestCase(0u, 0u, 0u, 0u, 0u, 0u, 0x6627E8D5u, 0xE169C58Du, 0xBC57AC4Cu, 0x9B00DBD8u)]
    [TestCase(
        uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue, 0x408F276Du,
        0x41C83B0Eu, 0xA20BC7C6u, 0x6D5451FDu)]
    [TestCase(
        0x243F6A88u, 0x85A308D3u, 0x13198A2Eu, 0x03707344u, 0xA4093822u, 0x299F31D0u, 0xD16CFE09u, 0x94FDCCEBu,
        0x5001E420u, 0x24126EA1u)]
    public void RandomWordsAreThePublishedOnes(
        uint a, uint b, uint c, uint d, uint first, uint second, uint w, uint x, uint y, uint z) =>
        Assert.That(DropoutMask.Philox(a, b, c, d, first, second), Is.EqualTo((w, x, y, z)));

    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void AShareIsDroppedAndTheRestMakesUpForIt(string kind)
    {
        var values = Run(kind, rate: 0.25f, seed: 9, step: 1, count: 40_000);
        Assert.That(values.Distinct().Order(), Is.EqualTo(new[] { 0, 1 / 0.75f }).Within(1e-6));
        // The standard deviation of the share is 0.0022.
        Assert.That(values.Average(value => value == 0 ? 1.0 : 0), Is.EqualTo(0.25).Within(0.01));
    }

    [Test]
    public void OtherStepsAndSeedsDropOthers()
    {
        var first = Run("cpu", 0.5f, seed: 1, step: 1, count: 1000);
        Assert.That(Run("cpu", 0.5f, seed: 1, step: 1, count: 1000), Is.EqualTo(first));
        foreach (var (seed, step) in new[] { (1ul, 2), (2ul, 1), (1ul << 32 | 1, 1) })
        {
            var other = Run("cpu", 0.5f, seed, step, count: 1000);
            // Independent masks agree in half of the places, with a standard deviation of 16.
            Assert.That(first.Zip(other).Count(pair => pair.First == pair.Second), Is.InRange(400, 600));
        }
    }

    [TestCase(1f)]
    [TestCase(-0.1f)]
    [TestCase(float.NaN)]
    public void AShareThatCannotBeIsRefused(float rate) =>
        Assert.That(() => new Dropout("d", rate), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static float[] Run(string kind, float rate, ulong seed, int step, int count)
    {
        using var backend = Kinds.Open(kind);
        var device = backend.Device;
        var x = device.FromHost<float>([.. Enumerable.Repeat(1f, count)], new Shape(count));
        var position = device.FromHost<int>([1, step], new Shape(2), ElementType.Int32);
        var y = device.Allocate(x.Shape);
        backend.Kernels.Dropout(x, rate, seed, position, accumulate: false, y);
        return device.ToHost<float>(y);
    }
}
