using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Transforms tiles of 6 x 6 pixels, which overlap by two, to [position][tile][channel], or with panels to
/// [position][panel][tile][block columns]; what lies outside of the picture is 0. A chunk is four tiles.
/// </summary>
/// <param name="tiles">The tiles of the batch.</param>
/// <param name="group">Those to transform.</param>
/// <param name="shape">Shape of the pictures.</param>
/// <param name="x">The pictures.</param>
/// <param name="zeros">[channels] zeros.</param>
/// <param name="transformed">[36][tile][channel]</param>
/// <param name="panels">True: in panels, as the weight gradient's products read them.</param>
internal readonly unsafe struct WinogradInput<L>(
    WinogradTiles tiles, WinogradGroup group, Shape shape, float* x, float* zeros, float* transformed,
    bool panels = false)
    : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Side = WinogradTransform.Inputs;

    /// <inheritdoc />
    [SkipLocalsInit]
    public void Execute(int chunk)
    {
        var pixels = stackalloc float*[WinogradTransform.Positions];
        var whole = shape.Channels / L.Count * L.Count;
        var last = Math.Min((chunk + 1) * WinogradGroup.TilesPerChunk, group.Count);
        for (var tile = chunk * WinogradGroup.TilesPerChunk; tile < last; tile++)
        {
            Point(group.First + tile, pixels);
            Transform<L>(pixels, tile, 0, whole);
            Transform<Lanes1>(pixels, tile, whole, shape.Channels);
        }
    }

    private void Point(long tile, float** pixels)
    {
        var (picture, row, column) = tiles.Locate(tile);
        for (var r = 0; r < Side; r++)
        {
            var h = row + r - 1;
            var line = ((long)picture * shape.Height + h) * shape.Width;
            for (var s = 0; s < Side; s++)
            {
                var w = column + s - 1;
                *pixels++ = (uint)h < (uint)shape.Height && (uint)w < (uint)shape.Width
                    ? x + (line + w) * shape.Channels
                    : zeros;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform<W>(float** pixels, int tile, int first, int end) where W : unmanaged, ILanes<W>
    {
        var stride = group.Stride(panels ? GatherGemm<L>.Padded(shape.Channels) : shape.Channels);
        var half = stackalloc float[WinogradTransform.Positions * W.Count];
        for (var c = first; c < end; c += W.Count)
        {
            for (var s = 0; s < Side; s++)
            {
                var from = pixels + s;
                WinogradTransform.Input(
                    W.Load(from[0] + c), W.Load(from[Side] + c), W.Load(from[2 * Side] + c),
                    W.Load(from[3 * Side] + c), W.Load(from[4 * Side] + c), W.Load(from[5 * Side] + c),
                    out var v0, out var v1, out var v2, out var v3, out var v4, out var v5);
                var to = half + s * W.Count;
                W.Store(v0, to);
                W.Store(v1, to + Side * W.Count);
                W.Store(v2, to + 2 * Side * W.Count);
                W.Store(v3, to + 3 * Side * W.Count);
                W.Store(v4, to + 4 * Side * W.Count);
                W.Store(v5, to + 5 * Side * W.Count);
            }
            var offset = panels
                ? group.InPanels(tile, c, GatherGemm<L>.BlockColumns)
                : (long)tile * shape.Channels + c;
            for (var r = 0; r < Side; r++)
            {
                var from = half + r * Side * W.Count;
                WinogradTransform.Input(
                    W.Load(from), W.Load(from + W.Count), W.Load(from + 2 * W.Count), W.Load(from + 3 * W.Count),
                    W.Load(from + 4 * W.Count), W.Load(from + 5 * W.Count),
                    out var v0, out var v1, out var v2, out var v3, out var v4, out var v5);
                var to = transformed + offset + (r * Side * stride);
                W.Store(v0, to);
                W.Store(v1, to + stride);
                W.Store(v2, to + 2 * stride);
                W.Store(v3, to + 3 * stride);
                W.Store(v4, to + 4 * stride);
                W.Store(v5, to + 5 * stride);
            }
        }
    }
}
