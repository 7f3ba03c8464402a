using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>The source pixel of a window's tap.</summary>
internal enum GatherMap
{
    /// <summary>source = position * stride + tap - padding</summary>
    Forward,
    /// <summary>source = (position + padding - tap) / stride, if that is a whole number</summary>
    Backward,
}

/// <summary>
/// How a sum is written to memory: y = f(sum + bias + residual), f leaky with this slope, or y += sum.
/// </summary>
internal readonly unsafe struct GemmStore(float* bias, float* residual, float slope, bool accumulate)
{
    /// <summary>[columns] or null</summary>
    public readonly float* Bias = bias;

    /// <summary>Addend of the same shape as the destination, or null.</summary>
    public readonly float* Residual = residual;

    public readonly float Slope = slope;
    public readonly bool Accumulate = accumulate;
}

/// <summary>
/// The implicit GEMM that all convolutions share: destination[pixel, column] = sum over taps and depth of source[pixel
/// of the tap, depth] * packed[tap, depth, column]. No im2col: a tile's pixels keep one pointer per tap into the
/// source, to a row of zeros if the window extends beyond the edge. Weights are packed as [column block][tap][depth][2
/// registers]. A chunk is 96 pixels of one column block.
/// </summary>
internal readonly unsafe struct GatherGemm<L>(
    Shape sourceShape, Shape destinationShape, int rows, int columns, ConvolutionGeometry geometry, GatherMap map,
    float* source, float* zeros, float* packed, GemmStore store, float* destination) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    /// <summary>Largest kernel size, rows times columns; larger windows are refused by the layer.</summary>
    public const int LargestTaps = 49;

    private const int PixelsPerChunk = 96;
    private readonly int _taps = rows * columns;

    /// <summary>Columns of a packed block.</summary>
    public static int BlockColumns => 2 * L.Count;

    /// <summary>Chunks of the whole product.</summary>
    public static int Chunks(Shape destination) =>
        PixelChunks(destination) * ((destination.Channels + BlockColumns - 1) / BlockColumns);

    private static int PixelChunks(Shape destination) =>
        (int)((destination.Pixels + PixelsPerChunk - 1) / PixelsPerChunk);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var pixelChunks = PixelChunks(destinationShape);
        var block = chunk / pixelChunks;
        var first = (long)(chunk % pixelChunks) * PixelsPerChunk;
        var last = Math.Min(first + PixelsPerChunk, destinationShape.Pixels);
        var weights = packed + (long)block * _taps * sourceShape.Channels * BlockColumns;
        var pointers = stackalloc float*[LargestTaps * GemmTile<L>.MostRows];
        var sums = stackalloc float[GemmTile<L>.MostRows * 32];
        for (var pixel = first; pixel < last; pixel += GemmTile<L>.Rows)
        {
            var count = (int)Math.Min(GemmTile<L>.Rows, last - pixel);
            for (var i = 0; i < GemmTile<L>.Rows; i++)
                Point(pixel + Math.Min(i, count - 1), pointers + i);
            GemmTile<L>.Multiply(pointers, _taps, sourceShape.Channels, weights, sums);
            for (var i = 0; i < count; i++)
                Store(sums + i * BlockColumns, pixel + i, block * BlockColumns);
        }
    }

    // The source pixel of each tap, GemmTile<L>.Rows apart.
    private void Point(long pixel, float** pointers)
    {
        var q = (int)(pixel % destinationShape.Width);
        var p = (int)(pixel / destinationShape.Width % destinationShape.Height);
        var n = pixel / destinationShape.PixelsPerPicture;
        for (var r = 0; r < rows; r++)
        {
            var h = Locate(p, r, sourceShape.Height);
            for (var s = 0; s < columns; s++, pointers += GemmTile<L>.Rows)
            {
                var w = Locate(q, s, sourceShape.Width);
                *pointers = h < 0 || w < 0
                    ? zeros
                    : source + ((n * sourceShape.Height + h) * sourceShape.Width + w) * sourceShape.Channels;
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
