using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Transforms tiles of 4 x 4 gradients of outputs for the weight gradient, to [position][panel][tile][48]; what lies
/// outside of the picture is 0. A chunk is four tiles.
/// </summary>
/// <param name="tiles">The tiles of the batch.</param>
/// <param name="group">Those to transform.</param>
/// <param name="shape">Shape of the pictures.</param>
/// <param name="dy">The gradients.</param>
/// <param name="zeros">[channels] zeros.</param>
/// <param name="transformed">[36][panel][tile][48]</param>
internal readonly unsafe struct WinogradGradient<L>(
    WinogradTiles tiles, WinogradGroup group, Shape shape, float* dy, float* zeros, float* transformed) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    /// <summary>Channels of a panel: whole tiles of rows at any width of register.</summary>
    public const int Panel = 48;

    private const int Outputs = WinogradTransform.Outputs, Side = WinogradTransform.Inputs;

    /// <summary>Channels that memory is taken for.</summary>
    /// <param name="channels">Number of channels.</param>
    public static int Padded(int channels) => (channels + Panel - 1) / Panel * Panel;

    /// <inheritdoc />
    [SkipLocalsInit]
    public void Execute(int chunk)
    {
        var pixels = stackalloc float*[Outputs * Outputs];
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
        for (var r = 0; r < Outputs; r++)
        {
            var line = ((long)picture * shape.Height + row + r) * shape.Width;
            for (var s = 0; s < Outputs; s++)
            {
                *pixels++ = row + r < shape.Height && column + s < shape.Width
                    ? dy + (line + column + s) * shape.Channels
                    : zeros;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform<W>(float** pixels, int tile, int first, int end) where W : unmanaged, ILanes<W>
    {
        var stride = group.Stride(Padded(shape.Channels));
        var half = stackalloc float[Side * Outputs * W.Count];
        for (var c = first; c < end; c += W.Count)
        {
            for (var s = 0; s < Outputs; s++)
            {
                var from = pixels + s;
                WinogradTransform.Gradient(
                    W.Load(from[0] + c), W.Load(from[Outputs] + c), W.Load(from[2 * Outputs] + c),
                    W.Load(from[3 * Outputs] + c),
                    out var u0, out var u1, out var u2, out var u3, out var u4, out var u5);
                var to = half + s * W.Count;
                W.Store(u0, to);
                W.Store(u1, to + Outputs * W.Count);
                W.Store(u2, to + 2 * Outputs * W.Count);
                W.Store(u3, to + 3 * Outputs * W.Count);
                W.Store(u4, to + 4 * Outputs * W.Count);
                W.Store(u5, to + 5 * Outputs * W.Count);
            }
            var offset = group.InPanels(tile, c, Panel);
            for (var r = 0; r < Side; r++)
            {
                var from = half + r * Outputs * W.Count;
                WinogradTransform.Gradient(
                    W.Load(from), W.Load(from + W.Count), W.Load(from + 2 * W.Count), W.Load(from + 3 * W.Count),
                    out var u0, out var u1, out var u2, out var u3, out var u4, out var u5);
                var to = transformed + offset + (r * Side * stride);
                W.Store(u0, to);
                W.Store(u1, to + stride);
                W.Store(u2, to + 2 * stride);
                W.Store(u3, to + 3 * stride);
                W.Store(u4, to + 4 * stride);
                W.Store(u5, to + 5 * stride);
            }
        }
    }
}
