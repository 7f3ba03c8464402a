namespace Flixstock.Engine;

/// <summary>
/// A convolution by Winograd's filtering, all three steps of some tiles by one thread: what they hand on stays in that
/// thread's cache, and threads wait for each other once only. A chunk is a group of tiles; how they are grouped does
/// not change a sum.
/// </summary>
/// <param name="tiles">The tiles of the batch.</param>
/// <param name="most">Tiles of a group.</param>
/// <param name="source">The input, [N, H, W, C].</param>
/// <param name="zeros">[C] zeros.</param>
/// <param name="filters">[36][column block][depth][block columns]</param>
/// <param name="store">What becomes of the sums.</param>
/// <param name="destination">The output, [N, H, W, K].</param>
/// <param name="claims">Which buffers are in use.</param>
/// <param name="buffers">A buffer of <see cref="BufferFloats"/> floats for each thread.</param>
internal readonly unsafe struct WinogradForward<L>(
    WinogradTiles tiles, int most, ReadOnlyTensor source, float* zeros, float* filters, GemmStore store,
    Tensor destination, BufferClaims claims, float* buffers) : IChunkedWork
    where L : unmanaged, ILanes<L>
{
    /// <summary>Number of groups.</summary>
    public int Chunks => checked((int)((tiles.Count + most - 1) / most));

    /// <summary>Floats of a thread's buffer.</summary>
    /// <param name="most">Tiles of a group.</param>
    /// <param name="depth">Number of the input's channels.</param>
    /// <param name="columns">Number of the output's channels.</param>
    public static long BufferFloats(int most, int depth, int columns) =>
        WinogradTransform.Positions * (Stride(most, depth) + Stride(most, GatherGemm<L>.Padded(columns)));

    private static long Stride(int most, int channels) => new WinogradGroup(0, most).Stride(channels);

    /// <inheritdoc />
    public void Execute(int chunk)
    {
        var (depth, columns) = (source.Shape.Channels, destination.Shape.Channels);
        var first = (long)chunk * most;
        var group = new WinogradGroup(first, (int)Math.Min(most, tiles.Count - first));
        var buffer = claims.Take();
        var inputs = buffers + (buffer * BufferFloats(most, depth, columns));
        var products = inputs + (WinogradTransform.Positions * Stride(most, depth));
        Run(new WinogradInput<L>(tiles, group, source.Shape, source.Pointer(), zeros, inputs), group.Chunks);
        var product = new WinogradProduct<L>(group, depth, columns, inputs, filters, products);
        Run(product, product.Chunks);
        Run(
            new WinogradOutput<L>(tiles, group, destination.Shape, products, store, destination.Pointer()),
            group.Chunks);
        claims.Return(buffer);
    }

    private static void Run<T>(T work, int chunks) where T : unmanaged, IChunkedWork
    {
        for (var i = 0; i < chunks; i++)
            work.Execute(i);
    }
}
