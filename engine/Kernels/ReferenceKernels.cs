namespace Flixstock.Engine;

/// <summary>
/// The operations as plain loops with double accumulators, written from the formulas of <see cref="IKernels"/> and
/// never optimised beyond the order of loops: what every other implementation is compared with. Its parts lie in the
/// operations' folders.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed partial class ReferenceKernels : IKernels
{
    /// <inheritdoc />
    public void Custom(
        CustomKernel kernel, ReadOnlyTensor first, ReadOnlyTensor second, Tensor output, Tensor secondOutput) =>
        kernel.Run(new CustomTensors(first, second, output, secondOutput), workers: null);

    private static void Store(ref float destination, double value, bool accumulate) =>
        destination = (float)(accumulate ? destination + value : value);

    // Four sums, because one would wait for each addition: a whole network at 224 pixels runs through here in a test.
    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
        var i = 0;
        for (; i + 4 <= a.Length && i + 4 <= b.Length; i += 4)
        {
            sum0 += (double)a[i] * b[i];
            sum1 += (double)a[i + 1] * b[i + 1];
            sum2 += (double)a[i + 2] * b[i + 2];
            sum3 += (double)a[i + 3] * b[i + 3];
        }
        for (; i < a.Length; i++)
            sum0 += (double)a[i] * b[i];
        return sum0 + sum1 + (sum2 + sum3);
    }

    private static void AddScaled(double factor, ReadOnlySpan<float> source, Span<double> sums)
    {
        for (var i = 0; i < sums.Length; i++)
            sums[i] += factor * source[i];
    }

    private static void StoreRow(ReadOnlySpan<double> row, bool accumulate, Span<float> destination)
    {
        for (var i = 0; i < row.Length; i++)
            Store(ref destination[i], row[i], accumulate);
    }

    // The channels of one pixel.
    private static ReadOnlySpan<float> Pixel(
        ReadOnlySpan<float> tensor, Shape shape, int picture, int row, int column) =>
        tensor.Slice(((picture * shape.Height + row) * shape.Width + column) * shape.Channels, shape.Channels);

    private static Span<float> Pixel(Span<float> tensor, Shape shape, int picture, int row, int column) =>
        tensor.Slice(((picture * shape.Height + row) * shape.Width + column) * shape.Channels, shape.Channels);

    // Index into an [N, C] tensor for element i of an [N, H, W, C] one.
    private static int PerPicture(int i, Shape shape) =>
        i / (shape.PixelsPerPicture * shape.Channels) * shape.Channels + i % shape.Channels;

    private static double Activate(double z, ActivationKind activation) => activation switch
    {
        ActivationKind.None => z,
        ActivationKind.Relu => z > 0 ? z : z < 0 ? 0 : z,
        ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-z)),
        _ => throw UnknownActivation.Error(activation),
    };

    // Gradients with one entry in the map.
    private const int MapUnit = 64;

    // Each gradient is read from the buffer that it lies in.
    private static float[] Combined(ReadOnlyTensor gradients, LowPrecisionStep low)
    {
        var result = gradients.Floats().ToArray();
        if (!low.Map.Exists)
            return result;
        var wide = low.Gradients.ToSingles();
        var map = low.Map.Elements<sbyte>();
        for (var i = 0; i < result.Length; i++)
            result[i] = map[i / MapUnit] != 0 ? wide[i] : result[i];
        return result;
    }
}
