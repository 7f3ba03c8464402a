using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Transforms products back to 4 x 4 pixels and stores what of them lies in the picture. A chunk is four tiles.
/// </summary>
/// <param name="tiles">The tiles of the batch.</param>
/// <param name="group">Those to transform.</param>
/// <param name="shape">Shape of the pictures.</param>
/// <param name="products">[36][tile][channel], padded to whole blocks.</param>
/// <param name="store">What becomes of the sums.</param>
/// <param name="y">The pictures.</param>
internal readonly unsafe struct WinogradOutput<L>(
    WinogradTiles tiles, WinogradGroup group, Shape shape, float* products, GemmStore store, float* y) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Side = WinogradTransform.Inputs, Outputs = WinogradTransform.Outputs;

    /// <inheritdoc />
    public void Execute(int chunk)
    {
        var whole = shape.Channels / L.Count * L.Count;
        var last = Math.Min((chunk + 1) * WinogradGroup.TilesPerChunk, group.Count);
        for (var tile = chunk * WinogradGroup.TilesPerChunk; tile < last; tile++)
        {
            var (picture, row, column) = tiles.Locate(group.First + tile);
            var source = products + (long)tile * GatherGemm<L>.Padded(shape.Channels);
            var offset = (((long)picture * shape.Height + row) * shape.Width + column) * shape.Channels;
            var (rows, columns) = (Math.Min(Outputs, shape.Height - row), Math.Min(Outputs, shape.Width - column));
            Transform<L>(source, offset, rows, columns, 0, whole);
            Transform<Lanes1>(source, offset, rows, columns, whole, shape.Channels);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform<W>(float* source, long offset, int rows, int columns, int first, int end)
        where W : unmanaged, ILanes<W>
    {
        var stride = group.Stride(GatherGemm<L>.Padded(shape.Channels));
        var half = stackalloc float[Outputs * Side * W.Count];
        var (line, next) = ((long)shape.Width * shape.Channels, (long)shape.Channels);
        for (var c = first; c < end; c += W.Count)
        {
            for (var s = 0; s < Side; s++)
            {
                var from = source + c + (s * stride);
                WinogradTransform.Output(
                    W.Load(from), W.Load(from + Side * stride), W.Load(from + 2 * Side * stride),
                    W.Load(from + 3 * Side * stride), W.Load(from + 4 * Side * stride),
                    W.Load(from + 5 * Side * stride), out var y0, out var y1, out var y2, out var y3);
                var to = half + s * W.Count;
                W.Store(y0, to);
                W.Store(y1, to + Side * W.Count);
                W.Store(y2, to + 2 * Side * W.Count);
                W.Store(y3, to + 3 * Side * W.Count);
            }
            for (var r = 0; r < rows; r++)
            {
                var from = half + r * Side * W.Count;
                WinogradTransform.Output(
                    W.Load(from), W.Load(from + W.Count), W.Load(from + 2 * W.Count), W.Load(from + 3 * W.Count),
                    W.Load(from + 4 * W.Count), W.Load(from + 5 * W.Count),
                    out var y0, out var y1, out var y2, out var y3);
                var to = offset + (r * line) + c;
                store.Put(y0, y, to, c);
                if (columns > 1)
                    store.Put(y1, y, to + next, c);
                if (columns > 2)
                    store.Put(y2, y, to + 2 * next, c);
                if (columns > 3)
                    store.Put(y3, y, to + 3 * next, c);
            }
        }
    }
}
