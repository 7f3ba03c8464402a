using Flixstock.Engine;

namespace Flixstock.Tests.Devices.Cuda;

/// <summary>
/// Training steps with an attention head or boosted scores on the emulated GPU, eager and replayed, next to the
/// processor's: what is dropped is the same there.
/// </summary>
[NonParallelizable]
public sealed class HeadStepsTests
{
    private const int Steps = 8; // every size and input of a batch is captured and replayed

    private static IEnumerable<TestCaseData> Heads() =>
        from precision in new[] { Precision.Fp32, Precision.Bf16 }
        from head in new (string Name, TrainerOptions Options)[]
        {
            ("decoder", new TrainerOptions { Decoder = new MlDecoderOptions(5, 16, 0.3) }),
            ("boost", new TrainerOptions { Boost = 5 }),
        }
        select new TestCaseData(precision, head.Options).SetArgDisplayNames($"{head.Name}, {precision}");

    [TestCaseSource(nameof(Heads))]
    public void StepsAreTheProcessors(Precision precision, TrainerOptions recipe)
    {
        using var gpu = new EmulatedGpu(precision);
        Assert.That(gpu.Backend.Graphs);
        var actual = EmulatedSteps.Run(gpu.Backend, Steps, recipe: recipe);
        using var cpu = Backend.Cpu(2);
        var expected = EmulatedSteps.Run(cpu, Steps, recipe: recipe);
        float[] losses = [.. expected.Losses];
        Assert.That(losses.Distinct().Count(), Is.EqualTo(Steps));
        TestTensors.AssertClose(
            [.. actual.Losses], losses, (precision == Precision.Fp32 ? 1e-4 : 3e-2) * TestTensors.Largest(losses),
            "losses");
    }
}
