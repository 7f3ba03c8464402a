using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The CPU against the reference kernels where golden files do not reach: sizes, ties, threads.</summary>
public class SelectiveLossAgreementTests
{
    private static readonly (int Batch, int Classes, double Unknown)[] Sizes =
        [(1, 1, 0.5), (1, 9605, 0.9), (7, 33, 1), (5, 21, 0), (65, 31, 0.7), (130, 8, 0.5)];

    private static IEnumerable<object[]> Cases() =>
        from size in Sizes
        from mode in Enum.GetValues<PartialLossMode>()
        select new object[] { size.Batch, size.Classes, size.Unknown, mode };

    private sealed record Result(float Loss, float[] Gradient, float[] Weights);

    [TestCaseSource(nameof(Cases))]
    public void SelectiveLossAgreesAndDoesNotDependOnThreads(
        int batch, int classes, double unknown, PartialLossMode mode)
    {
        // Gammas 2.5 and 9 take the general power; logits in steps of 1/4 tie often.
        var options = SelectiveLossOptions.Default with
        {
            Mode = mode,
            GammaNegative = 2.5f,
            GammaPositive = 9,
            Clip = 0.05f,
        };
        var expected = Run(Backend.Reference(), batch, classes, unknown, options);
        var results = new[] { 1, 2, 3 }
            .Select(threads => Run(Backend.Cpu(threads), batch, classes, unknown, options)).ToList();
        Assert.That(results[0].Weights, Is.EqualTo(expected.Weights));
        // The golden page's tolerance.
        Assert.That(results[0].Loss, Is.EqualTo(expected.Loss).Within((2e-6 * Math.Abs(expected.Loss)) + 1e-12));
        TestTensors.AssertClose(results[0].Gradient, expected.Gradient, 2e-6, "gradient");
        foreach (var result in results.Skip(1))
        {
            Assert.That(result.Loss, Is.EqualTo(results[0].Loss));
            Assert.That(result.Gradient, Is.EqualTo(results[0].Gradient));
            Assert.That(result.Weights, Is.EqualTo(results[0].Weights));
        }
    }

    // docs/clipart.md takes a row of one for the other.
    [Test]
    public void WithoutTopKAndPriorModeSelectiveIsModeNegative()
    {
        var options = SelectiveLossOptions.Default with { LikelihoodTopK = 0, PriorThreshold = 0 };
        var selective = Run(Backend.Cpu(2), 65, 31, 0.7, options);
        var negative = Run(Backend.Cpu(2), 65, 31, 0.7, options with { Mode = PartialLossMode.Negative });
        Assert.That(selective.Loss, Is.EqualTo(negative.Loss));
        Assert.That(selective.Gradient, Is.EqualTo(negative.Gradient));
    }

    // As training calls it most: nobody asks for the weights. What others allocate at the same time would count.
    [Test, NonParallelizable]
    public void AWarmCallWithoutWeightsAllocatesNothing()
    {
        using var backend = Backend.Cpu(2);
        var device = backend.Device;
        var (logits, labels, prior) = LossInputs.Of(device, 16, 33, 0.7);
        var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
        var least = long.MaxValue; // the runtime itself allocates now and then
        for (var i = 0; i < 20; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            backend.Kernels.SelectiveLoss(
                logits, labels, prior, SelectiveLossOptions.Default, loss, gradient, Tensor.None);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.That(least, Is.Zero);
    }

    private static Result Run(Backend opened, int batch, int classes, double unknown, SelectiveLossOptions options)
    {
        using var backend = opened;
        var device = backend.Device;
        var (logits, labels, prior) = LossInputs.Of(device, batch, classes, unknown);
        var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
        var weights = device.Allocate(logits.Shape);
        backend.Kernels.SelectiveLoss(logits, labels, prior, options, loss, gradient, weights);
        return new Result(device.ToHost<float>(loss)[0], device.ToHost<float>(gradient), device.ToHost<float>(weights));
    }
}
