using Flixstock.Engine;
using Flixstock.KernelLab;

namespace Flixstock.Tests.Devices;

/// <summary>
/// Gradients of ABN against float64, from the rounded input on: the table of docs/kernels.md, by the kernels on the
/// emulator.
/// </summary>
[NonParallelizable]
public sealed class AbnGradientErrorTests
{
    private const float Epsilon = 1e-5f, Slope = 0.01f;
    private static readonly Shape Activations = new(2, 16, 16, 16);

    // Largest error relative to the largest value, dx and dweight: as measured here; the bound is half as much again.
    private static readonly object[][] Measured =
    [
        [true, 1e-5f, ElementType.Float32, 8.7e-5, 1.1e-3], [true, 1e-5f, ElementType.Float16, 1.6, 5.1],
        [true, 1e-5f, ElementType.BFloat16, 75.0, 34.0], [true, 1e-3f, ElementType.Float32, 7.5e-7, 6.4e-6],
        [true, 1e-3f, ElementType.Float16, 7.5e-3, 7.7e-2], [true, 1e-3f, ElementType.BFloat16, 5.2e-2, 0.66],
        [true, 0.05f, ElementType.Float32, 1.7e-7, 2.5e-7], [true, 0.05f, ElementType.Float16, 3.3e-4, 1.5e-3],
        [true, 0.05f, ElementType.BFloat16, 2.9e-3, 1.6e-2], [true, 1f, ElementType.Float32, 1.5e-7, 1.3e-7],
        [true, 1f, ElementType.Float16, 2.6e-4, 2.4e-4], [true, 1f, ElementType.BFloat16, 2.1e-3, 3.9e-3],
        [false, 1e-5f, ElementType.Float32, 1.8e-7, 1.3e-7], [false, 1e-5f, ElementType.Float16, 8.1e-4, 8.8e-8],
        [false, 1e-5f, ElementType.BFloat16, 3.2e-3, 1.6e-7], [false, 1e-3f, ElementType.Float32, 2.0e-7, 1.3e-7],
        [false, 1e-3f, ElementType.Float16, 2.6e-4, 8.8e-8], [false, 1e-3f, ElementType.BFloat16, 2.1e-3, 1.6e-7],
        [false, 0.05f, ElementType.Float32, 1.7e-7, 1.3e-7], [false, 0.05f, ElementType.Float16, 3.3e-4, 8.8e-8],
        [false, 0.05f, ElementType.BFloat16, 2.6e-3, 1.6e-7], [false, 1f, ElementType.Float32, 1.5e-7, 1.3e-7],
        [false, 1f, ElementType.Float16, 2.7e-4, 8.8e-8], [false, 1f, ElementType.BFloat16, 2.1e-3, 1.6e-7],
    ];

    private EmulatedGpu? _gpu;

    [OneTimeTearDown]
    public void CloseDevice() => _gpu?.Dispose();

    [TestCaseSource(nameof(Measured))]
    public void IsAsTabled(bool leaky, float gamma, ElementType type, double dx, double dweight)
    {
        var (error, weightError) = Errors(leaky, gamma, type);
        TestContext.Out.WriteLine(
            $"{(leaky ? "leaky" : "identity")} gamma {gamma:g2} {type}: {error:0.0e+0} / {weightError:0.0e+0}");
        Assert.That(error, Is.LessThan(1.5 * dx), "dx");
        Assert.That(weightError, Is.LessThan(1.5 * dweight), "dweight");
    }

    private (double Dx, double Dweight) Errors(bool leaky, float gamma, ElementType type)
    {
        var device = (_gpu ??= new EmulatedGpu()).Device;
        var channels = Activations.Channels;
        var x = HalfPrecision.Round(CaseValues.Random(Activations.Count, 31), type);
        var dy = HalfPrecision.Round(CaseValues.Random(Activations.Count, 32), type);
        float[] weight = [.. Enumerable.Range(0, channels).Select(c => (c % 2 == 0 ? 1 : -1) * (gamma - Epsilon))];
        float[] bias = [.. Enumerable.Range(0, channels).Select(c => (c % 3 == 0 ? -0.3f : 0.4f) + 0.01f * (c % 7))];
        var vector = new Shape(channels);
        Tensor Vector(float[] values) => device.FromHost<float>(values, vector);
        Tensor Activation(float[] values) => HalfPrecision.Store(device, values, type).Reshape(Activations);
        var (input, gradient) = (Activation(x), Activation(dy));
        var (w, b, dw, db, normalization) = (
            Vector(weight), Vector(bias), device.Allocate(vector), device.Allocate(vector),
            device.Allocate(new Shape(4, channels)));
        var kernels = CudaKernels.WithoutLibraries(device);
        kernels.AbnStatistics(
            input, w, b, Epsilon, 0.1f, normalization, Vector(new float[channels]),
            Vector(new float[channels]), Tensor.None);
        if (leaky)
        {
            kernels.AbnApply(input, normalization, Slope, input);
            kernels.AbnBackward(input, normalization, w, b, Epsilon, Slope, batchStatistics: true, gradient, dw, db);
        }
        else
        {
            kernels.IdentityAbnBackward(input, normalization, w, batchStatistics: true, gradient, dw, db);
        }
        var (expected, expectedWeight) = Exact(x, dy, weight, bias, leaky ? Slope : 1);
        return (
            Worst(HalfPrecision.Load(device, gradient.Reshape(new Shape((int)Activations.Count))), expected),
            Worst(device.ToHost<float>(dw), expectedWeight));
    }

    private static (double[] Dx, double[] Dweight) Exact(
        float[] x, float[] dy, float[] weight, float[] bias, double slope)
    {
        var (channels, pixels) = (weight.Length, x.Length / weight.Length);
        var (dx, dweight) = (new double[x.Length], new double[channels]);
        for (var c = 0; c < channels; c++)
        {
            double Sum(Func<int, double> of) => Enumerable.Range(0, pixels).Sum(p => of(p * channels + c));
            var mean = Sum(i => x[i]) / pixels;
            var inverse = 1 / Math.Sqrt(Sum(i => (x[i] - mean) * (x[i] - mean)) / pixels + Epsilon);
            var gamma = Math.Abs((double)weight[c]) + Epsilon;
            double Normal(int i) => (x[i] - mean) * inverse;
            double D(int i) => gamma * Normal(i) + bias[c] >= 0 ? dy[i] : slope * dy[i];
            var (sum, product) = (Sum(D), Sum(i => D(i) * Normal(i)));
            dweight[c] = weight[c] < 0 ? -product : product;
            for (var i = c; i < x.Length; i += channels)
                dx[i] = gamma * inverse * (D(i) - sum / pixels - Normal(i) * product / pixels);
        }
        return (dx, dweight);
    }

    private static double Worst(float[] actual, double[] expected) =>
        actual.Zip(expected, (own, right) => double.IsNaN(own) ? double.PositiveInfinity : Math.Abs(own - right)).Max()
        / expected.Max(Math.Abs);
}
