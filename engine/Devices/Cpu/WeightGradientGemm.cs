using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// dw[k, tap, c] = sum over output pixels of dy[pixel, k] * x[source pixel of the tap, c], with the tile of <see cref="GatherGemm{L}"/>: broadcasts from dy,
/// registers over c, the long sum over pixels inside. A chunk owns a group of outputs, one tap and a group of inputs for all pixels, so no partial
/// sums have to be added between threads; pixels are taken in blocks that stay in the cache, each summed on its own and then added (which also
/// keeps the rounding error of long sums down).
/// </summary>
internal readonly unsafe struct WeightGradientGemm<L>(
    Shape input, Shape output, Shape weight, ConvolutionGeometry geometry, float* x, float* dy, float* dw) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int OutputGroup = 48, InputGroup = 128, PixelsPerBlock = 192, TileRows = 6;

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
        // Whole rows of output pixels per block, so that both operands advance by a fixed stride within a row.
        var rows = output.Batch * output.Height;
        var rowsPerBlock = Math.Max(1, PixelsPerBlock / output.Width);
        for (var row = 0; row < rows; row += rowsPerBlock)
            Block(row, Math.Min(row + rowsPerBlock, rows), tap, k0, k1, c0, c1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Block(int row0, int row1, int tap, int k0, int k1, int c0, int c1)
    {
        var sums = stackalloc float[TileRows * 32];
        var s = tap % weight.Width - geometry.Padding;
        // Columns whose source lies inside: q * stride + s in [0, width).
        var q0 = s >= 0 ? 0 : (-s + geometry.Stride - 1) / geometry.Stride;
        var q1 = Math.Min(output.Width, (input.Width - 1 - s) / geometry.Stride + 1);
        if (input.Width - 1 - s < 0 || q1 <= q0)
            return;
        for (var k = k0; k < k1; k += TileRows)
        {
            for (var c = c0; c < c1; c += 2 * L.Count)
            {
                if (Tile(row0, row1, tap, k, c, q0, q1, s, sums))
                    AddTo(sums, k, Math.Min(TileRows, k1 - k), tap, c, Math.Min(2 * L.Count, c1 - c));
            }
        }
    }

    private bool Tile(int row0, int row1, int tap, int k, int c, int q0, int q1, int s, float* sums)
    {
        var any = false;
        for (var row = row0; row < row1; row++)
        {
            var h = row % output.Height * geometry.Stride + tap / weight.Width - geometry.Padding;
            if (h < 0 || h >= input.Height)
                continue;
            var left = dy + ((long)row * output.Width + q0) * output.Channels + k;
            var right = x + (((long)(row / output.Height) * input.Height + h) * input.Width + q0 * geometry.Stride + s) * input.Channels + c;
            GemmTile<L>.MultiplyPixels(left, output.Channels, right, (long)geometry.Stride * input.Channels, q1 - q0, sums, any);
            any = true;
        }
        return any;
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
