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

    /// <summary>True if something is done to the sums.</summary>
    public bool IsFolded => Bias != null || Residual != null || Slope != 1;

    /// <summary>Writes sums.</summary>
    /// <param name="sums">Sums of neighbouring columns.</param>
    /// <param name="destination">First element of the destination.</param>
    /// <param name="offset">Where in the destination they go.</param>
    /// <param name="column">The first one's column.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put<W>(W sums, float* destination, long offset, int column) where W : unmanaged, ILanes<W>
    {
        if (Accumulate)
            sums += W.Load(destination + offset);
        if (Bias != null)
            sums += W.Load(Bias + column);
        if (Residual != null)
            sums += W.Load(Residual + offset);
        if (Slope != 1)
            sums = W.WhereNotNegative(sums, sums, sums * W.Splat(Slope));
        W.Store(sums, destination + offset);
    }
}

/// <summary>
/// The implicit GEMM that direct convolutions share: destination[pixel, column] = sum over taps and depth of
/// source[pixel of the tap, depth] * packed[tap, depth, column]. No im2col: a chunk's pixels keep one pointer per tap
/// into the source, to a row of zeros if the window extends beyond the edge. Weights are packed as [column
/// block][tap][depth][2 registers]. A chunk is 96 pixels and several column blocks: its source stays in the cache while
/// the weights pass by, and its pointers are computed once.
/// </summary>
internal readonly unsafe struct GatherGemm<L>(
    Shape sourceShape, Shape destinationShape, int rows, int columns, ConvolutionGeometry geometry, GatherMap map,
    float* source, float* zeros, float* packed, GemmStore store, float* destination) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    /// <summary>Largest kernel size, rows times columns; larger windows are refused by the layer.</summary>
    public const int LargestTaps = 49;

    // Few pixels are divided by columns as well, so that many threads find work.
    private const int PixelsPerChunk = 96, FewestChunks = 48;
    private readonly int _taps = rows * columns;

    /// <summary>Columns of a packed block.</summary>
    public static int BlockColumns => 2 * L.Count;

    /// <summary>Columns of the blocks that hold this many.</summary>
    /// <param name="columns">Number of columns.</param>
    public static int Padded(int columns) => (columns + BlockColumns - 1) / BlockColumns * BlockColumns;

    /// <summary>Chunks of the whole product.</summary>
    public int Chunks => PixelChunks * ColumnGroups;

    private int PixelChunks => (int)((destinationShape.Pixels + PixelsPerChunk - 1) / PixelsPerChunk);

    private int Blocks => (destinationShape.Channels + BlockColumns - 1) / BlockColumns;

    private int ColumnGroups => Math.Clamp(FewestChunks / Math.Max(1, PixelChunks), 1, Blocks);

    /// <inheritdoc />
    [SkipLocalsInit]
    public void Execute(int chunk)
    {
        var (groups, blocks) = (ColumnGroups, Blocks);
        var (part, group) = (chunk / groups, chunk % groups);
        var first = (long)part * PixelsPerChunk;
        var count = (int)Math.Min(PixelsPerChunk, destinationShape.Pixels - first);
        var pointers = stackalloc float*[PixelsPerChunk * _taps];
        Point(first, count, pointers);
        for (var block = group * blocks / groups; block < (group + 1) * blocks / groups; block++)
            Multiply(pointers, first, count, block);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float** pointers, long first, int count, int block)
    {
        var (depth, channels, column) = (sourceShape.Channels, destinationShape.Channels, block * BlockColumns);
        var weights = packed + (long)block * _taps * depth * BlockColumns;
        var to = destination + first * channels + column;
        var full = column + BlockColumns <= channels;
        var bias = store.Bias == null ? null : store.Bias + column;
        var folded = new FoldedStore<L>(bias, store.Residual, destination, store.Slope);
        var sums = stackalloc float[GemmTile<L>.MostRows * 32];
        for (var pixel = 0; pixel < count; pixel += GemmTile<L>.Rows, pointers += _taps * GemmTile<L>.Rows)
        {
            if (!full || pixel + GemmTile<L>.Rows > count)
            {
                var left = Math.Min(GemmTile<L>.Rows, count - pixel);
                GemmTile<L>.Multiply(pointers, left, _taps, depth, weights, default(PlainStore<L>), sums, BlockColumns);
                for (var i = 0; i < left; i++)
                    Store(sums + i * BlockColumns, first + pixel + i, column);
            }
            else if (store.IsFolded)
            {
                GemmTile<L>.Multiply(
                    pointers, GemmTile<L>.Rows, _taps, depth, weights, folded, to + (long)pixel * channels, channels);
            }
            else if (store.Accumulate)
            {
                GemmTile<L>.Multiply(
                    pointers, GemmTile<L>.Rows, _taps, depth, weights, default(AddingStore<L>),
                    to + (long)pixel * channels, channels);
            }
            else
            {
                GemmTile<L>.Multiply(
                    pointers, GemmTile<L>.Rows, _taps, depth, weights, default(PlainStore<L>),
                    to + (long)pixel * channels, channels);
            }
        }
    }

    // [tile][tap][row of the tile]: the source pixel of each tap; rows after the last repeat it.
    private void Point(long first, int count, float** pointers)
    {
        var q = (int)(first % destinationShape.Width);
        var p = (int)(first / destinationShape.Width % destinationShape.Height);
        var pictureSize = (long)sourceShape.PixelsPerPicture * sourceShape.Channels;
        var picture = source + first / destinationShape.PixelsPerPicture * pictureSize;
        for (var i = 0; i < count; i++)
        {
            var row = pointers + (i / GemmTile<L>.Rows * _taps * GemmTile<L>.Rows) + (i % GemmTile<L>.Rows);
            Point(picture, p, q, row);
            if (++q < destinationShape.Width)
                continue;
            (q, p) = (0, p + 1);
            if (p < destinationShape.Height)
                continue;
            p = 0;
            picture += pictureSize;
        }
        for (var i = count; i % GemmTile<L>.Rows > 0; i++)
        {
            var row = pointers + (i / GemmTile<L>.Rows * _taps * GemmTile<L>.Rows) + (i % GemmTile<L>.Rows);
            for (var tap = 0; tap < _taps; tap++)
                row[tap * GemmTile<L>.Rows] = row[(tap * GemmTile<L>.Rows) - 1];
        }
    }

    private void Point(float* picture, int p, int q, float** pointers)
    {
        for (var r = 0; r < rows; r++)
        {
            var h = Locate(p, r, sourceShape.Height);
            for (var s = 0; s < columns; s++, pointers += GemmTile<L>.Rows)
            {
                var w = Locate(q, s, sourceShape.Width);
                *pointers = h < 0 || w < 0
                    ? zeros
                    : picture + (((long)h * sourceShape.Width) + w) * sourceShape.Channels;
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
            store.Put(L.Load(sums + j), destination, offset + j, column + j);
        for (; j < count; j++)
            store.Put(Lanes1.Load(sums + j), destination, offset + j, column + j);
    }
}
