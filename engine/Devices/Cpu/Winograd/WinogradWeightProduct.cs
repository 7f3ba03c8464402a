using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// The weight gradient's products, position by position: the sum over a group's tiles of transformed gradients times
/// transformed inputs, added to those of the groups before. A chunk is a position and a panel of outputs.
/// </summary>
/// <param name="group">The tiles.</param>
/// <param name="inputs">Number of the input's channels.</param>
/// <param name="outputs">Number of the output's channels.</param>
/// <param name="x">[36][block of inputs][tile][block columns]</param>
/// <param name="dy">[36][panel][tile][48]</param>
/// <param name="products">[36][output][input], padded to whole blocks.</param>
internal readonly unsafe struct WinogradWeightProduct<L>(
    WinogradGroup group, int inputs, int outputs, float* x, float* dy, float* products) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int Panel = WinogradGradient<L>.Panel;

    private int Panels => (outputs + Panel - 1) / Panel;

    /// <summary>Chunks of all products.</summary>
    public int Chunks => WinogradTransform.Positions * Panels;

    /// <summary>
    /// Elements between a position's products and those of the next: the last tile's rows may be more than outputs.
    /// </summary>
    /// <param name="inputs">Number of the input's channels.</param>
    /// <param name="outputs">Number of the output's channels.</param>
    public static long Stride(int inputs, int outputs) =>
        ((long)GatherGemm<L>.Padded(inputs) * (outputs + GemmTile<L>.MostRows)) + 16;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var (position, panel) = (chunk / Panels, chunk % Panels);
        var gradients = dy + (position * group.Stride(WinogradGradient<L>.Padded(outputs)))
            + ((long)panel * group.Rows * Panel);
        var width = GatherGemm<L>.Padded(inputs);
        var sources = x + (position * group.Stride(width));
        var (k0, k1) = (panel * Panel, Math.Min((panel + 1) * Panel, outputs));
        var product = products + (position * Stride(inputs, outputs)) + ((long)k0 * width);
        for (var c = 0; c < width; c += GatherGemm<L>.BlockColumns)
        {
            for (var k = k0; k < k1; k += GemmTile<L>.Rows)
                Multiply(gradients + (k - k0), sources, width, product + ((long)(k - k0) * width) + c);
            sources += (long)group.Rows * GatherGemm<L>.BlockColumns;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Multiply(float* gradients, float* sources, int width, float* product)
    {
        if (group.First == 0)
        {
            GemmTile<L>.MultiplyPixels(
                gradients, Panel, sources, group.Count, default(PlainStore<L>), product, width);
        }
        else
        {
            GemmTile<L>.MultiplyPixels(
                gradients, Panel, sources, group.Count, default(AddingStore<L>), product, width);
        }
    }
}
