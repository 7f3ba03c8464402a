using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Transforms products back to 4 x 4 pixels and stores what of them lies in the picture. A chunk is four tiles.
/// </summary>
/// <param name="tiles">The tiles of the batch.</param>
/// <param name="group">Those to transform.</param>
/// <param name="shape">Shape of the pictures, channels a multiple of a register.</param>
/// <param name="products">[36][tile][channel]</param>
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
        var last = Math.Min((chunk + 1) * WinogradGroup.TilesPerChunk, group.Count);
        for (var tile = chunk * WinogradGroup.TilesPerChunk; tile < last; tile++)
        {
            var (picture, row, column) = tiles.Locate(group.First + tile);
            Transform(
                products + (long)tile * shape.Channels,
                (((long)picture * shape.Height + row) * shape.Width + column) * shape.Channels,
                Math.Min(Outputs, shape.Height - row), Math.Min(Outputs, shape.Width - column));
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(float* source, long offset, int rows, int columns)
    {
        var stride = group.Stride(shape.Channels);
        var half = stackalloc float[Outputs * Side * L.Count];
        var (line, next) = ((long)shape.Width * shape.Channels, (long)shape.Channels);
        for (var c = 0; c < shape.Channels; c += L.Count)
        {
            for (var s = 0; s < Side; s++)
            {
                var from = source + c + (s * stride);
                WinogradTransform.Output(
                    L.Load(from), L.Load(from + Side * stride), L.Load(from + 2 * Side * stride),
                    L.Load(from + 3 * Side * stride), L.Load(from + 4 * Side * stride),
                    L.Load(from + 5 * Side * stride), out var y0, out var y1, out var y2, out var y3);
                var to = half + s * L.Count;
                L.Store(y0, to);
                L.Store(y1, to + Side * L.Count);
                L.Store(y2, to + 2 * Side * L.Count);
                L.Store(y3, to + 3 * Side * L.Count);
            }
            for (var r = 0; r < rows; r++)
            {
                var from = half + r * Side * L.Count;
                WinogradTransform.Output(
                    L.Load(from), L.Load(from + L.Count), L.Load(from + 2 * L.Count), L.Load(from + 3 * L.Count),
                    L.Load(from + 4 * L.Count), L.Load(from + 5 * L.Count),
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
