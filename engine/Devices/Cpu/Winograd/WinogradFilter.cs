using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// Transforms the filters of a 3x3 convolution, packed by <see cref="WeightPacking"/>, to [position][column
/// block][depth][block columns]. A chunk is a column block.
/// </summary>
/// <param name="blocks">Number of column blocks.</param>
/// <param name="depth">Depth of the product.</param>
/// <param name="turned">Turn the filters by half a turn: the data gradient.</param>
/// <param name="packed">[column block][9][depth][block columns]</param>
/// <param name="transformed">[36][column block][depth][block columns]</param>
internal readonly unsafe struct WinogradFilter<L>(
    int blocks, int depth, bool turned, float* packed, float* transformed) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Taps = 9;

    /// <inheritdoc />
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var columns = GatherGemm<L>.BlockColumns;
        var (panel, stride) = ((long)depth * columns, (long)blocks * depth * columns);
        var source = packed + (chunk * Taps * panel);
        var destination = transformed + (chunk * panel);
        var half = stackalloc float[18 * L.Count];
        for (long i = 0; i < panel; i += L.Count)
        {
            for (var s = 0; s < 3; s++)
            {
                WinogradTransform.Filter(
                    Tap(source + i, panel, 0, s), Tap(source + i, panel, 1, s), Tap(source + i, panel, 2, s),
                    out var u0, out var u1, out var u2, out var u3, out var u4, out var u5);
                var to = half + s * L.Count;
                L.Store(u0, to);
                L.Store(u1, to + 3 * L.Count);
                L.Store(u2, to + 6 * L.Count);
                L.Store(u3, to + 9 * L.Count);
                L.Store(u4, to + 12 * L.Count);
                L.Store(u5, to + 15 * L.Count);
            }
            for (var row = 0; row < WinogradTransform.Inputs; row++)
            {
                var from = half + 3 * row * L.Count;
                WinogradTransform.Filter(
                    L.Load(from), L.Load(from + L.Count), L.Load(from + 2 * L.Count),
                    out var u0, out var u1, out var u2, out var u3, out var u4, out var u5);
                var to = destination + i + (WinogradTransform.Inputs * row * stride);
                L.Store(u0, to);
                L.Store(u1, to + stride);
                L.Store(u2, to + 2 * stride);
                L.Store(u3, to + 3 * stride);
                L.Store(u4, to + 4 * stride);
                L.Store(u5, to + 5 * stride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private L Tap(float* source, long panel, int r, int s) =>
        L.Load(source + (turned ? Taps - 1 - 3 * r - s : 3 * r + s) * panel);
}
