using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>Whole training steps on the CUDA device: the same device, launchers, memory plans and graphs as on a GPU, every access checked.</summary>
[NonParallelizable]
public class EmulatedTrainingTests
{
    [Test]
    public void FiveStepsAreTheProcessors()
    {
        using var cpu = Backend.Cpu(2);
        using var gpu = new EmulatedGpu();
        var expected = EmulatedSteps.Run(cpu, 5);
        var actual = EmulatedSteps.Run(gpu.Backend, 5);
        TestContext.Out.WriteLine(string.Join(" ", actual.Losses) + " | " + string.Join(" ", expected.Losses));
        TestContext.Out.WriteLine($"worst {Worst(actual, expected):g3}");
        // Singles summed in another order, five times amplified by normalizations over a few values.
        Assert.That(actual.Losses, Is.EqualTo(expected.Losses).Within(1e-3));
        Assert.That(Worst(actual, expected), Is.LessThan(1e-4));
    }

    private static double Worst(EmulatedOutcome actual, EmulatedOutcome expected) => expected.Network.Max(tensor =>
        tensor.ToFloats().Zip(actual.Network[tensor.Name].ToFloats(), (a, b) => (double)Math.Abs(a - b)).Max());
}
