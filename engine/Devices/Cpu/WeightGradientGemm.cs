using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// dw[k, tap, c] = sum over output pixels of dy[pixel, k] * x[source pixel of the tap, c], with the tiles of
/// <see cref="GemmTile{L}"/>: broadcasts from dy, registers over c, the long sum over pixels inside. A chunk owns a
/// group of outputs, one tap and a group of inputs for all pixels, so no partial sums have to be added between threads;
/// pixels are taken in blocks that stay in the cache, each summed on its own and then added (which also keeps the
/// rounding error of long sums down). A block is a list of pixels whose source lies inside the picture: pictures of 2x2
/// pixels make sums as long as large ones do.
/// </summary>
internal readonly unsafe struct WeightGradientGemm<L>(
    Shape input, Shape output, Shape weight, ConvolutionGeometry geometry, float* x, float* dy, float* dw)
    : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int OutputGroup = 48, InputGroup = 128, PixelsPerBlock = 192;

    private int OutputGroups => (weight.Batch + OutputGroup - 1) / OutputGroup;
    private int InputGroups => (weight.Channels + InputGroup - 1) / InputGroup;
    private int Taps => weight.Height * weight.Width;

    /// <summary>Chunks of the whole gradient.</summary>
    public int Chunks => OutputGroups * InputGroups * Taps;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var tap = chunk % Taps;
        var k0 = chunk / Taps % OutputGroups * OutputGroup;
        var c0 = chunk / Taps / OutputGroups * InputGroup;
        var k1 = Math.Min(k0 + OutputGroup, weight.Batch);
        var c1 = Math.Min(c0 + InputGroup, weight.Channels);
        for (var k = k0; k < k1; k++)
            new Span<float>(dw + ((long)k * Taps + tap) * weight.Channels + c0, c1 - c0).Clear();
        var list = stackalloc PixelPair[PixelsPerBlock];
        var count = 0;
        for (var row = 0; row < output.Batch * output.Height; row++)
        {
            var h = row % output.Height * geometry.Stride + tap / weight.Width - geometry.Padding;
            if (h < 0 || h >= input.Height)
                continue;
            for (var q = 0; q < output.Width; q++)
            {
                var w = q * geometry.Stride + tap % weight.Width - geometry.Padding;
                if (w < 0 || w >= input.Width)
                    continue;
                var source = ((long)(row / output.Height) * input.Height + h) * input.Width + w;
                list[count++] = new PixelPair(
                    dy + ((long)row * output.Width + q) * output.Channels, x + source * input.Channels);
                if (count < PixelsPerBlock)
                    continue;
                Block(list, count, tap, k0, k1, c0, c1);
                count = 0;
            }
        }
        if (count > 0)
            Block(list, count, tap, k0, k1, c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(PixelPair* list, int count, int tap, int k0, int k1, int c0, int c1)
    {
        var sums = stackalloc float[GemmTile<L>.MostRows * 32];
        for (var k = k0; k < k1; k += GemmTile<L>.Rows)
        {
            var rows = Math.Min(GemmTile<L>.Rows, k1 - k);
            for (var c = c0; c < c1; c += 2 * L.Count)
            {
                GemmTile<L>.MultiplyPixels(list, count, k, c, rows, sums);
                AddTo(sums, k, rows, tap, c, Math.Min(2 * L.Count, c1 - c));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTo(float* sums, int k, int rows, int tap, int c, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            var destination = dw + ((long)(k + i) * Taps + tap) * weight.Channels + c;
            var row = sums + i * 2 * L.Count;
            var j = 0;
            for (; j + L.Count <= columns; j += L.Count)
                L.Store(L.Load(destination + j) + L.Load(row + j), destination + j);
            for (; j < columns; j++)
                destination[j] += row[j];
        }
    }
}

/// <summary>An output pixel's gradient and the source pixel that a tap of the window meets there.</summary>
internal readonly unsafe struct PixelPair(float* gradient, float* source)
{
    /// <summary>[K] of dy</summary>
    public readonly float* Gradient = gradient;

    /// <summary>[C] of x</summary>
    public readonly float* Source = source;
}
