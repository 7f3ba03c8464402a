using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The CPU's losses against the reference kernels where golden files do not reach: sizes, ties, threads, memory.</summary>
public class LossAgreementTests
{
    private static readonly (int Batch, int Classes, double Unknown)[] Sizes =
        [(1, 1, 0.5), (1, 9605, 0.9), (7, 33, 1), (5, 21, 0), (65, 31, 0.7), (130, 8, 0.5)];

    private static IEnumerable<object[]> Cases() => Sizes.SelectMany(size =>
        Enum.GetValues<PartialLossMode>().Select(mode => new object[] { size.Batch, size.Classes, size.Unknown, mode }));

    private sealed record Result(float Loss, float[] Gradient, float[] Weights);

    [TestCaseSource(nameof(Cases))]
    public void SelectiveLossAgreesAndDoesNotDependOnThreads(int batch, int classes, double unknown, PartialLossMode mode)
    {
        // Gammas 2.5 and 9 take the general power; logits in steps of 1/4 tie often.
        var options = SelectiveLossOptions.Default with { Mode = mode, GammaNegative = 2.5f, GammaPositive = 9, Clip = 0.05f };
        var expected = Run(Backend.Reference(), batch, classes, unknown, options);
        var results = new[] { 1, 2, 3 }.Select(threads => Run(Backend.Cpu(threads), batch, classes, unknown, options)).ToList();
        Assert.That(results[0].Weights, Is.EqualTo(expected.Weights));
        Assert.That(results[0].Loss, Is.EqualTo(expected.Loss).Within(2e-6 * Math.Abs(expected.Loss) + 1e-12)); // the golden page's tolerance
        TestTensors.AssertClose(results[0].Gradient, expected.Gradient, 2e-6, "gradient");
        foreach (var result in results.Skip(1))
        {
            Assert.That(result.Loss, Is.EqualTo(results[0].Loss));
            Assert.That(result.Gradient, Is.EqualTo(results[0].Gradient));
            Assert.That(result.Weights, Is.EqualTo(results[0].Weights));
        }
    }

    [TestCase(1, 9)]
    [TestCase(65, 31)]
    [TestCase(130, 21)]
    public void GroupedLossAgreesAndDoesNotDependOnThreads(int batch, int classes)
    {
        (float Loss, float[] Gradient) Grouped(Backend opened)
        {
            using var backend = opened;
            var device = backend.Device;
            var (logits, labels, _) = Inputs(device, batch, classes, 0.7);
            var groups = device.FromHost<int>([0, 2, 6, classes], new Shape(4), ElementType.Int32);
            var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
            backend.Kernels.GroupedSoftmaxLoss(logits, labels, groups, loss, gradient);
            return (device.ToHost<float>(loss)[0], device.ToHost<float>(gradient));
        }
        var expected = Grouped(Backend.Reference());
        var single = Grouped(Backend.Cpu(1));
        Assert.That(single.Loss, Is.EqualTo(expected.Loss).Within(2e-6 * expected.Loss + 1e-12).And.GreaterThan(0));
        Assert.That(single.Gradient, Is.EqualTo(expected.Gradient), "the same term, added up in another order");
        Assert.That(Grouped(Backend.Cpu(3)), Is.EqualTo(single));
    }

    [Test]
    public void WarmCallsAllocateNothing()
    {
        using var backend = Backend.Cpu(2);
        var device = backend.Device;
        var (logits, labels, prior) = Inputs(device, 16, 33, 0.7);
        var (loss, gradient, sums) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape), device.FromHost<float>(new float[33], new Shape(33)));
        var groups = device.FromHost<int>([0, 7, 33], new Shape(3), ElementType.Int32);
        var least = long.MaxValue; // the runtime itself allocates now and then
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            backend.Kernels.SelectiveLoss(logits, labels, prior, SelectiveLossOptions.Default, loss, gradient, Tensor.None);
            backend.Kernels.GroupedSoftmaxLoss(logits, labels, groups, loss, gradient);
            backend.Kernels.PriorAccumulate(logits, sums);
            backend.Kernels.Fill(1, gradient);
            backend.Kernels.Add(logits, gradient);
            backend.Kernels.Copy(gradient, logits);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.Zero);
    }

    private static Result Run(Backend opened, int batch, int classes, double unknown, SelectiveLossOptions options)
    {
        using var backend = opened;
        var device = backend.Device;
        var (logits, labels, prior) = Inputs(device, batch, classes, unknown);
        var (loss, gradient, weights) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape), device.Allocate(logits.Shape));
        backend.Kernels.SelectiveLoss(logits, labels, prior, options, loss, gradient, weights);
        return new Result(device.ToHost<float>(loss)[0], device.ToHost<float>(gradient), device.ToHost<float>(weights));
    }

    private static (Tensor Logits, Tensor Labels, Tensor Prior) Inputs(Device device, int batch, int classes, double unknown)
    {
        var random = new Random(7);
        var shape = new Shape(batch, classes);
        float[] logits = [.. Enumerable.Range(0, batch * classes).Select(_ => random.Next(-20, 20) / 4f)];
        sbyte[] labels = [.. logits.Select(_ => random.NextDouble() < unknown ? (sbyte)-1 : (sbyte)random.Next(2))];
        float[] prior = [.. Enumerable.Range(0, classes).Select(_ => random.NextSingle())];
        return (device.FromHost<float>(logits, shape), device.FromHost<sbyte>(labels, shape, ElementType.Int8), device.FromHost<float>(prior, new Shape(classes)));
    }
}
