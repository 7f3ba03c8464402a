using Flixstock.Engine;
using Flixstock.KernelLab;

namespace Flixstock.Tests;

/// <summary>
/// Tensors for tests: from golden files' layout (NCHW, OIHW) and back, random ones, and comparisons that name the worst
/// element.
/// </summary>
internal static class TestTensors
{
    /// <summary>
    /// What a test over every backend runs on; FLIXSTOCK_TEST_CUDA=1 adds the machine's GPU, in fp32, =emulated an
    /// emulated one.
    /// </summary>
    public static readonly string[] Backends =
        Wanted is "1" or "emulated" ? ["reference", "cpu", "cuda"] : ["reference", "cpu"];

    /// <summary>The GPU in each precision, where there is one to be tested; "cuda" is fp32.</summary>
    public static readonly string[] Gpus =
        Wanted is "1" or "emulated" ? ["cuda", "cuda-tf32", "cuda-bf16", "cuda-fp16"] : [];

    private static string? Wanted => Environment.GetEnvironmentVariable("FLIXSTOCK_TEST_CUDA");

    public static Backend Open(string backend, int threads = 2) => backend switch
    {
        "reference" => Backend.Reference(),
        "cpu" => Backend.Cpu(threads),
        _ when PrecisionOf(backend) is { } precision => OpenCuda(precision),
        _ => throw new ArgumentOutOfRangeException(nameof(backend), backend, "no such backend"),
    };

    /// <summary>Of one of <see cref="Gpus"/>; null of another backend.</summary>
    public static Precision? PrecisionOf(string backend) => backend switch
    {
        "cuda" => Precision.Fp32,
        "cuda-tf32" => Precision.Tf32,
        "cuda-bf16" => Precision.Bf16,
        "cuda-fp16" => Precision.Fp16,
        _ => null,
    };

    private static Backend OpenCuda(Precision precision)
    {
        CudaOpener open = Wanted == "emulated" ? RehearsalCommand.Open : Backend.OpenCuda;
        return open(new CudaDeviceOptions(), precision, true, out var reason) ?? throw new EngineException(reason!);
    }

    /// <summary>
    /// On the device, [N, C, H, W] as [N, H, W, C] and [K, C, R, S] as [K, R, S, C]; other ranks as they are, a scalar
    /// as [1].
    /// </summary>
    public static Tensor ToNhwc(StateTensor tensor, Device device)
    {
        var (values, shape) = (tensor.ToFloats(), tensor.Shape);
        if (shape.Count != 4)
            return device.FromHost<float>(values, ShapeOf(shape));
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
            result[ChannelsLast(i, shape[1], shape[2], shape[3])] = values[i];
        return device.FromHost<float>(result, new Shape(shape[0], shape[2], shape[3], shape[1]));
    }

    /// <summary>The elements in the order of the files; the inverse of <see cref="ToNhwc"/>.</summary>
    public static float[] ToNchw(ReadOnlyTensor tensor, Device device)
    {
        var values = device.ToHost<float>(tensor);
        var shape = tensor.Shape;
        if (shape.Rank != 4)
            return values;
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
            result[i] = values[ChannelsLast(i, shape.Channels, shape.Height, shape.Width)];
        return result;
    }

    /// <summary>Normally distributed around <paramref name="mean"/>.</summary>
    public static float[] Random(long count, ulong seed, float deviation = 1, float mean = 0) =>
        CaseValues.Random(count, seed, deviation, mean);

    /// <summary>Fails unless every element is within <paramref name="tolerance"/>, naming the worst.</summary>
    public static void AssertClose(
        ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double tolerance, string what)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), what + ": number of elements");
        var (worst, at) = (-1.0, 0);
        for (var i = 0; i < actual.Length; i++)
        {
            var difference = actual[i].Equals(expected[i]) || actual[i] == expected[i]
                ? 0
                : Math.Abs((double)actual[i] - expected[i]);
            if (difference <= worst)
                continue;
            (worst, at) = (difference, i);
            if (!double.IsNaN(worst))
                continue;
            // NUnit takes what is not a number for less than anything.
            worst = double.PositiveInfinity;
            break;
        }
        Assert.That(
            worst, Is.LessThanOrEqualTo(tolerance),
            $"{what}: element {at} is {actual[at]:g9}, expected {expected[at]:g9}");
    }

    /// <summary>The largest magnitude.</summary>
    public static double Largest(ReadOnlySpan<float> values) => CaseValues.Largest(values);

    private static Shape ShapeOf(IReadOnlyList<int> shape) => shape.Count switch
    {
        0 => new Shape(1),
        1 => new Shape(shape[0]),
        2 => new Shape(shape[0], shape[1]),
        3 => new Shape(shape[0], shape[1], shape[2]),
        _ => throw new ArgumentException("more than four extents", nameof(shape)),
    };

    // Element i of [N, C, H, W] is which of [N, H, W, C].
    private static int ChannelsLast(int i, int channels, int height, int width)
    {
        var (n, c, pixel) = (i / (channels * height * width), i / (height * width) % channels, i % (height * width));
        return (n * height * width + pixel) * channels + c;
    }
}
