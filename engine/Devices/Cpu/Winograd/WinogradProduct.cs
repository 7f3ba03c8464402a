using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// The products of transformed tiles and filters, position by position: [tile][depth] times [depth][column]. A chunk is
/// a position and some column blocks.
/// </summary>
/// <param name="group">The tiles.</param>
/// <param name="depth">Number of the input's channels.</param>
/// <param name="columns">Number of the output's channels.</param>
/// <param name="inputs">[36][tile][depth]</param>
/// <param name="filters">[36][column block][depth][block columns]</param>
/// <param name="products">[36][tile][column], padded to whole blocks.</param>
internal readonly unsafe struct WinogradProduct<L>(
    WinogradGroup group, int depth, int columns, float* inputs, float* filters, float* products) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    private const int BlocksPerChunk = 4;

    private int Padded => GatherGemm<L>.Padded(columns);

    private int Blocks => Padded / GatherGemm<L>.BlockColumns;

    private int Parts => (Blocks + BlocksPerChunk - 1) / BlocksPerChunk;

    /// <summary>Chunks of all products.</summary>
    public int Chunks => WinogradTransform.Positions * Parts;

    /// <inheritdoc />
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute(int chunk)
    {
        var (position, part) = (chunk / Parts, chunk % Parts);
        var input = inputs + (position * group.Stride(depth));
        var product = products + (position * group.Stride(Padded));
        var panel = (long)depth * GatherGemm<L>.BlockColumns;
        var rows = stackalloc float*[GemmTile<L>.MostRows];
        var last = Math.Min((part + 1) * BlocksPerChunk, Blocks);
        for (var block = part * BlocksPerChunk; block < last; block++)
        {
            var weights = filters + (((long)position * Blocks) + block) * panel;
            var count = 0;
            for (var tile = 0; tile < group.Count; tile += count)
            {
                count = GemmTile<L>.Next(group.Count - tile);
                for (var i = 0; i < count; i++)
                    rows[i] = input + (long)Math.Min(tile + i, group.Count - 1) * depth;
                GemmTile<L>.Multiply(
                    rows, count, 1, depth, weights, default(PlainStore<L>),
                    product + (long)tile * Padded + block * GatherGemm<L>.BlockColumns, Padded);
            }
        }
    }
}
