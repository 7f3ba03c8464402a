using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Linear layers with bias, ReLU and bias gradient in the product's own kernel: the reference's numbers, and two
/// launches where the library has no such kernel.
/// </summary>
public class FusedProductsTests
{
    private const int Bias = 4, ReluBias = 6, BiasGradientB = 512;

    private static readonly (int Rows, int Inputs, int Outputs)[] Sizes =
    [
        (1, 8, 8), (5, 24, 21), (3, 33, 7), (16, 16, 64),
    ];

    [Test]
    public void TheReferencesNumbers([Values] bool missing)
    {
        using var gpu = new EmulatedGpu();
        using var reference = Backend.Reference();
        if (missing)
            gpu.Blas.MissingEpilogues.UnionWith([Bias, ReluBias, BiasGradientB]);
        foreach (var size in Sizes)
        {
            foreach (var activation in Enum.GetValues<ActivationKind>())
            {
                TestTensors.AssertClose(
                    Run(gpu.Backend, size, activation), Run(reference, size, activation), 1e-5, $"{size} {activation}");
            }
        }
        // Each size twice: the first product of a shape asks the heuristic, the second does not.
        Assert.That(gpu.Blas.Fused.GetValueOrDefault(Bias), Is.EqualTo(missing ? 0 : 2 * Sizes.Length));
        Assert.That(gpu.Blas.Fused.GetValueOrDefault(ReluBias), Is.EqualTo(missing ? 0 : 2 * Sizes.Length));
        Assert.That(
            gpu.Blas.Fused.GetValueOrDefault(BiasGradientB),
            Is.EqualTo(missing ? 0 : 2 * Sizes.Length * Enum.GetValues<ActivationKind>().Length));
    }

    [Test]
    public void ACapturedProductReadsTheBiasItWasCapturedWith()
    {
        using var gpu = new EmulatedGpu(hasCompiler: false);
        var device = gpu.Device;
        var (x, w) = (
            device.FromHost<float>([1, 2, 3, 4], new Shape(1, 4)),
            device.FromHost<float>(new float[16], new Shape(4, 4)));
        var (first, second) =
            (device.FromHost<float>([1, 2, 3, 4], new Shape(4)), device.FromHost<float>([5, 6, 7, 8], new Shape(4)));
        var (a, b) = (device.Allocate(new Shape(1, 4)), device.Allocate(new Shape(1, 4)));
        void Both()
        {
            gpu.Backend.Kernels.LinearForward(x, w, first, ActivationKind.None, a);
            gpu.Backend.Kernels.LinearForward(x, w, second, ActivationKind.None, b);
        }
        Both();
        using var captured = device.Capture(Both);
        device.Clear(a);
        device.Clear(b);
        captured.Replay();
        Assert.That(
            device.ToHost<float>(a).Concat(device.ToHost<float>(b)),
            Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
    }

    [Test]
    public void DescriptorsAreGivenBack()
    {
        var gpu = new EmulatedGpu(hasCompiler: false);
        Run(gpu.Backend, (4, 8, 8), ActivationKind.Relu);
        Assert.That(gpu.Blas.Live, Is.Positive);
        gpu.Dispose();
        Assert.That(gpu.Blas.Live, Is.Zero);
    }

    private static float[] Run(Backend backend, (int Rows, int Inputs, int Outputs) size, ActivationKind activation)
    {
        var device = backend.Device;
        Tensor Random(Shape of, ulong seed) => device.FromHost<float>(TestTensors.Random(of.Count, seed), of);
        var (x, w, bias) = (
            Random(new(size.Rows, size.Inputs), 1), Random(new(size.Outputs, size.Inputs), 2),
            Random(new(size.Outputs), 3));
        var (y, dy) = (device.Allocate(new Shape(size.Rows, size.Outputs)), Random(new(size.Rows, size.Outputs), 4));
        var (dw, db) = (device.Allocate(w.Shape), device.Allocate(bias.Shape));
        for (var i = 0; i < 2; i++)
        {
            backend.Kernels.LinearForward(x, w, bias, activation, y);
            backend.Kernels.LinearBackwardWeight(x, dy, dw, db);
        }
        return [.. device.ToHost<float>(y), .. device.ToHost<float>(dw), .. device.ToHost<float>(db)];
    }
}
