using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>Where a window's tap finds its source pixel.</summary>
internal enum GatherMap
{
    /// <summary>source = position * stride + tap - padding</summary>
    Forward,
    /// <summary>source = (position + padding - tap) / stride, where that is whole</summary>
    Backward,
}

/// <summary>What happens to a sum on its way to memory: y = f(sum + bias + residual), f leaky with this slope, or y += sum.</summary>
internal readonly unsafe struct GemmStore(float* bias, float* residual, float slope, bool accumulate)
{
    /// <summary>[columns] or null</summary>
    public readonly float* Bias = bias;

    /// <summary>As the destination, or null.</summary>
    public readonly float* Residual = residual;

    public readonly float Slope = slope;
    public readonly bool Accumulate = accumulate;
}

/// <summary>
/// The implicit GEMM that all convolutions share: destination[pixel, column] = sum over taps and depth of source[pixel of the tap, depth] * packed[tap, depth, column].
/// No im2col: a tile of 6 pixels keeps one pointer per tap into the source, a row of zeros where the window hangs over the edge. Weights are packed as
/// [column block][tap][depth][2 registers]. 12 accumulators: enough to hide the latency of two multiply-add units, and no spills with 16 registers.
/// A chunk is 16 tiles of one column block.
/// </summary>
internal readonly unsafe struct GatherGemm<L>(
    Shape sourceShape, Shape destinationShape, int rows, int columns, ConvolutionGeometry geometry, GatherMap map,
    float* source, float* zeros, float* packed, GemmStore store, float* destination) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    /// <summary>Pixels in a tile.</summary>
    public const int TileRows = 6;

    /// <summary>Largest kernel size, rows times columns; larger windows are refused by the layer.</summary>
    public const int LargestTaps = 49;

    private const int TilesPerChunk = 16;
    private readonly int _taps = rows * columns;

    /// <summary>Columns of a packed block.</summary>
    public static int BlockColumns => 2 * L.Count;

    /// <summary>Chunks of the whole product.</summary>
    public static int Chunks(Shape destination) => PixelChunks(destination) * ((destination.Channels + BlockColumns - 1) / BlockColumns);

    private static int PixelChunks(Shape destination) => (int)((destination.Pixels + TileRows * TilesPerChunk - 1) / (TileRows * TilesPerChunk));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var pixelChunks = PixelChunks(destinationShape);
        var block = chunk / pixelChunks;
        var first = (long)(chunk % pixelChunks) * TileRows * TilesPerChunk;
        var last = Math.Min(first + TileRows * TilesPerChunk, destinationShape.Pixels);
        var weights = packed + (long)block * _taps * sourceShape.Channels * BlockColumns;
        var pointers = stackalloc float*[LargestTaps * TileRows];
        var sums = stackalloc float[TileRows * 32];
        for (var pixel = first; pixel < last; pixel += TileRows)
        {
            var count = (int)Math.Min(TileRows, last - pixel);
            for (var i = 0; i < TileRows; i++)
                Point(pixel + Math.Min(i, count - 1), pointers + i);
            GemmTile<L>.Multiply(pointers, _taps, sourceShape.Channels, weights, sums);
            for (var i = 0; i < count; i++)
                Store(sums + i * BlockColumns, pixel + i, block * BlockColumns);
        }
    }

    // The source pixel of each tap, TileRows apart.
    private void Point(long pixel, float** pointers)
    {
        var q = (int)(pixel % destinationShape.Width);
        var p = (int)(pixel / destinationShape.Width % destinationShape.Height);
        var n = pixel / destinationShape.PixelsPerPicture;
        for (var r = 0; r < rows; r++)
        {
            var h = Locate(p, r, sourceShape.Height);
            for (var s = 0; s < columns; s++, pointers += TileRows)
            {
                var w = Locate(q, s, sourceShape.Width);
                *pointers = h < 0 || w < 0 ? zeros : source + ((n * sourceShape.Height + h) * sourceShape.Width + w) * sourceShape.Channels;
            }
        }
    }

    private int Locate(int position, int tap, int extent)
    {
        int at;
        if (map == GatherMap.Forward)
        {
            at = position * geometry.Stride + tap - geometry.Padding;
        }
        else
        {
            at = position + geometry.Padding - tap;
            if (at < 0 || at % geometry.Stride != 0)
                return -1;
            at /= geometry.Stride;
        }
        return at < extent ? at : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(float* sums, long pixel, int column)
    {
        var count = Math.Min(BlockColumns, destinationShape.Channels - column);
        var offset = pixel * destinationShape.Channels + column;
        var j = 0;
        for (; j + L.Count <= count; j += L.Count)
            StoreLanes<L>(sums + j, offset + j, column + j);
        for (; j < count; j++)
            StoreLanes<Lanes1>(sums + j, offset + j, column + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void StoreLanes<W>(float* sums, long offset, int column) where W : unmanaged, ILanes<W>
    {
        var value = W.Load(sums);
        if (store.Accumulate)
            value += W.Load(destination + offset);
        if (store.Bias != null)
            value += W.Load(store.Bias + column);
        if (store.Residual != null)
            value += W.Load(store.Residual + offset);
        if (store.Slope != 1)
            value = W.WhereNotNegative(value, value, value * W.Splat(store.Slope));
        W.Store(value, destination + offset);
    }
}

/// <summary>The micro-kernel: 6 rows times 2 registers of columns.</summary>
internal static unsafe class GemmTile<L> where L : unmanaged, ILanes<L>
{
    /// <summary>sums[6, 2 registers] = sum over taps and depth of rows[tap][i][depth] * weights[tap, depth, column].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float** rows, int taps, int depth, float* weights, float* sums)
    {
        L a0 = L.Splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
        for (var tap = 0; tap < taps; tap++, rows += 6)
        {
            float* ra = rows[0], rb = rows[1], rc = rows[2], rd = rows[3], re = rows[4], rf = rows[5];
            for (long k = 0; k < depth; k++, weights += 2 * L.Count)
            {
                var left = L.Load(weights);
                var right = L.Load(weights + L.Count);
                var value = L.Splat(ra[k]);
                a0 = L.MultiplyAdd(value, left, a0);
                a1 = L.MultiplyAdd(value, right, a1);
                value = L.Splat(rb[k]);
                b0 = L.MultiplyAdd(value, left, b0);
                b1 = L.MultiplyAdd(value, right, b1);
                value = L.Splat(rc[k]);
                c0 = L.MultiplyAdd(value, left, c0);
                c1 = L.MultiplyAdd(value, right, c1);
                value = L.Splat(rd[k]);
                d0 = L.MultiplyAdd(value, left, d0);
                d1 = L.MultiplyAdd(value, right, d1);
                value = L.Splat(re[k]);
                e0 = L.MultiplyAdd(value, left, e0);
                e1 = L.MultiplyAdd(value, right, e1);
                value = L.Splat(rf[k]);
                f0 = L.MultiplyAdd(value, left, f0);
                f1 = L.MultiplyAdd(value, right, f1);
            }
        }
        Put(a0, a1, sums, 0);
        Put(b0, b1, sums, 1);
        Put(c0, c1, sums, 2);
        Put(d0, d1, sums, 3);
        Put(e0, e1, sums, 4);
        Put(f0, f1, sums, 5);
    }

    /// <summary>sums[6, 2 registers] = sum over pixels of left[pixel, i] * right[pixel, column]: the same tile with the sum over pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyPixels(float* left, long leftStride, float* right, long rightStride, int pixels, float* sums, bool add)
    {
        L a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1;
        if (add)
        {
            (a0, a1) = (L.Load(sums), L.Load(sums + L.Count));
            (b0, b1) = (L.Load(sums + 2 * L.Count), L.Load(sums + 3 * L.Count));
            (c0, c1) = (L.Load(sums + 4 * L.Count), L.Load(sums + 5 * L.Count));
            (d0, d1) = (L.Load(sums + 6 * L.Count), L.Load(sums + 7 * L.Count));
            (e0, e1) = (L.Load(sums + 8 * L.Count), L.Load(sums + 9 * L.Count));
            (f0, f1) = (L.Load(sums + 10 * L.Count), L.Load(sums + 11 * L.Count));
        }
        else
        {
            a0 = L.Splat(0);
            a1 = b0 = b1 = c0 = c1 = d0 = d1 = e0 = e1 = f0 = f1 = a0;
        }
        for (var pixel = 0; pixel < pixels; pixel++, left += leftStride, right += rightStride)
        {
            var low = L.Load(right);
            var high = L.Load(right + L.Count);
            var value = L.Splat(left[0]);
            a0 = L.MultiplyAdd(value, low, a0);
            a1 = L.MultiplyAdd(value, high, a1);
            value = L.Splat(left[1]);
            b0 = L.MultiplyAdd(value, low, b0);
            b1 = L.MultiplyAdd(value, high, b1);
            value = L.Splat(left[2]);
            c0 = L.MultiplyAdd(value, low, c0);
            c1 = L.MultiplyAdd(value, high, c1);
            value = L.Splat(left[3]);
            d0 = L.MultiplyAdd(value, low, d0);
            d1 = L.MultiplyAdd(value, high, d1);
            value = L.Splat(left[4]);
            e0 = L.MultiplyAdd(value, low, e0);
            e1 = L.MultiplyAdd(value, high, e1);
            value = L.Splat(left[5]);
            f0 = L.MultiplyAdd(value, low, f0);
            f1 = L.MultiplyAdd(value, high, f1);
        }
        Put(a0, a1, sums, 0);
        Put(b0, b1, sums, 1);
        Put(c0, c1, sums, 2);
        Put(d0, d1, sums, 3);
        Put(e0, e1, sums, 4);
        Put(f0, f1, sums, 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(L low, L high, float* sums, int row)
    {
        L.Store(low, sums + 2 * row * L.Count);
        L.Store(high, sums + (2 * row + 1) * L.Count);
    }
}
