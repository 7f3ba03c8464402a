using Flixstock.Engine;

namespace Flixstock.Tests;

/// <summary>Between published layouts and the engine's, and comparisons that say where they fail.</summary>
internal static class Numbers
{
    private static readonly Lazy<Dictionary<string, (double Error, double Largest)>> Noise = new(ReadNoise);

    /// <summary>A golden tensor on the device: [N, C, H, W] becomes [N, H, W, C], other ranks stay.</summary>
    public static Tensor ToDevice(this Device device, StateTensor golden)
    {
        var values = golden.ToFloats();
        return golden.Shape.Count == 4
            ? device.FromHost<float>(ToChannelsLast(values, golden.Shape), new Shape(golden.Shape[0], golden.Shape[2], golden.Shape[3], golden.Shape[1]))
            : device.FromHost<float>(values, golden.Shape.Count == 2 ? new Shape(golden.Shape[0], golden.Shape[1]) : new Shape(golden.Shape[0]));
    }

    /// <summary>A tensor as golden files have it: [N, H, W, C] becomes [N, C, H, W], other ranks stay.</summary>
    public static float[] ToPublished(this Device device, Tensor tensor)
    {
        var values = device.ToHost<float>(tensor);
        if (tensor.Shape.Rank != 4)
            return values;
        var (shape, pixels) = (tensor.Shape, tensor.Shape.PixelsPerPicture);
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (c, pixel, n) = (i % shape.Channels, i / shape.Channels % pixels, i / shape.Channels / pixels);
            result[(n * shape.Channels + c) * pixels + pixel] = values[i];
        }
        return result;
    }

    public static float[] ToChannelsLast(float[] values, IReadOnlyList<int> nchw)
    {
        var (channels, pixels) = (nchw[1], nchw[2] * nchw[3]);
        var result = new float[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (pixel, c, n) = (i % pixels, i / pixels % channels, i / pixels / channels);
            result[(n * pixels + pixel) * channels + c] = values[i];
        }
        return result;
    }

    /// <summary>The golden page's tolerance for single precision: ten times the noise of a float32 run, and 1e-6 of the largest value.</summary>
    public static double Tolerance(string file, string tensor)
    {
        var (error, largest) = Noise.Value[file + "/" + tensor];
        return 10 * error + 1e-6 * largest;
    }

    /// <summary>A line about the worst entry if it is off by more than the tolerance.</summary>
    public static string? Compare(string name, IReadOnlyList<float> actual, IReadOnlyList<float> expected, double tolerance)
    {
        if (actual.Count != expected.Count)
            return $"{name}: {actual.Count} values, expected {expected.Count}";
        var (worst, index) = (-1.0, -1);
        for (var i = 0; i < actual.Count; i++)
        {
            var error = Math.Abs((double)actual[i] - expected[i]);
            if (error > worst || double.IsNaN(error))
                (worst, index) = (error, i);
            if (double.IsNaN(error))
                break;
        }
        return worst <= tolerance ? null : $"{name}[{index}]: {actual[index]}, expected {expected[index]}, off by {worst:g3}, tolerance {tolerance:g3}";
    }

    public static double Largest(IReadOnlyList<float> values) => values.Max(value => Math.Abs((double)value));

    private static Dictionary<string, (double, double)> ReadNoise() => Golden.Json("model/noise.json").GetProperty("tensors").EnumerateObject()
        .ToDictionary(entry => entry.Name, entry => (entry.Value[0].GetDouble(), entry.Value[1].GetDouble()), StringComparer.Ordinal);
}
