using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// The CPU against the reference kernels where golden files do not reach: sizes, ties, threads, epochs.
/// </summary>
public class PartialLossAgreementTests
{
    private static readonly (int Batch, int Classes, double Unknown)[] Sizes =
        [(1, 1, 0.5), (1, 9605, 0.9), (7, 33, 1), (5, 21, 0), (65, 31, 0.7)];

    private static IEnumerable<object[]> Cases() =>
        from size in Sizes
        from kind in PartialLossUnderTest.Kinds
        select new object[] { size.Batch, size.Classes, size.Unknown, kind };

    [TestCaseSource(nameof(Cases))]
    public void PartialLossAgreesAndDoesNotDependOnThreads(
        int batch, int classes, double unknown, PartialLossKind kind)
    {
        var options = new PartialLossOptions(kind) { Gamma = 1.5f, Q2 = 0.3f, Q3 = 0.7f, Epochs = 4, Rate = 7 };
        foreach (var epoch in new[] { 1, 3 })
        {
            var expected = Run(Backend.Reference(), batch, classes, unknown, options, epoch);
            var first = Run(Backend.Cpu(1), batch, classes, unknown, options, epoch);
            Assert.That(
                first.Loss, Is.EqualTo(expected.Loss).Within((2e-6 * Math.Abs(expected.Loss)) + 1e-12));
            TestTensors.AssertClose(first.Gradient, expected.Gradient, 2e-6, "gradient");
            var other = Run(Backend.Cpu(3), batch, classes, unknown, options, epoch);
            Assert.That(other.Loss, Is.EqualTo(first.Loss));
            Assert.That(other.Gradient, Is.EqualTo(first.Gradient));
        }
    }

    // What others allocate at the same time would count.
    [Test, NonParallelizable]
    public void AWarmCallAllocatesNothing(
        [ValueSource(typeof(PartialLossUnderTest), nameof(PartialLossUnderTest.Kinds))] PartialLossKind kind)
    {
        using var backend = Backend.Cpu(2);
        var device = backend.Device;
        var (logits, labels, _) = LossInputs.Of(device, 16, 33, 0.7);
        var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
        var position = device.FromHost<int>([3, 1], new Shape(2), ElementType.Int32);
        var options = new PartialLossOptions(kind);
        if (options.LabelType == ElementType.Float32)
            labels = PartialLossUnderTest.Targets(device, labels, logits.Shape);
        var least = long.MaxValue; // the runtime itself allocates now and then
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            backend.Kernels.PartialLoss(logits, labels, position, options, loss, gradient);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.Zero);
    }

    // In the third epoch twice the rate, and always whole labels: 10 % of 21 are 3.
    [TestCase(PartialLossKind.LargeLossR, 1, 0)]
    [TestCase(PartialLossKind.LargeLossR, 2, 3)]
    [TestCase(PartialLossKind.LargeLossCt, 3, 5)]
    [TestCase(PartialLossKind.LargeLossCt, 1000, 21)]
    [TestCase(PartialLossKind.LargeLossCp, 1, 0)]
    [TestCase(PartialLossKind.LargeLossCp, 2, 3)]
    [TestCase(PartialLossKind.LargeLossCp, 1000, 3)]
    public void AsManyLargeLossesAreChangedAsTheEpochSays(PartialLossKind kind, int epoch, int changed)
    {
        using var backend = Backend.Cpu(1);
        var shape = new Shape(3, 7);
        var logits = backend.Device.FromHost<float>([.. Enumerable.Range(0, 21).Select(i => i / 10f)], shape);
        var labels = backend.Device.FromHost<sbyte>(
            [.. Enumerable.Repeat((sbyte)-1, 21)], shape, ElementType.Int8);
        var (_, gradient) = PartialLossUnderTest.Run(
            backend, logits, labels, new PartialLossOptions(kind) { Rate = 10 }, epoch);
        // A negative's gradient is positive, a positive's negative.
        Assert.That(gradient.Take(21 - changed), Is.All.Positive);
        Assert.That(gradient.Skip(21 - changed), kind == PartialLossKind.LargeLossR ? Is.All.Zero : Is.All.Negative);
    }

    private static (float Loss, float[] Gradient) Run(
        Backend opened, int batch, int classes, double unknown, PartialLossOptions options, int epoch)
    {
        using var backend = opened;
        var (logits, labels, _) = LossInputs.Of(backend.Device, batch, classes, unknown);
        return PartialLossUnderTest.Run(backend, logits, labels, options, epoch);
    }
}
