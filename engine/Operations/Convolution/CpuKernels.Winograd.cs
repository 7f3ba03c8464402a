namespace Flixstock.Engine;

// Convolutions of 3x3 with stride 1 by Winograd's filtering: a group of tiles at a time, in three passes over memory
// that stays in the cache. How tiles are grouped and who computes them changes no bit of a result.
internal sealed unsafe partial class CpuKernels
{
    private const int FilterSlot = 4, InputSlot = 5, ProductSlot = 6;

    // Of a group's transforms, inputs and products together, for one thread and for all.
    private const long ThreadFloats = 112 << 10, SharedFloats = 512 << 10;

    // The longer a group's sums are, the less often all products are read and written again.
    private const long TilesOfWeightGradient = 192;

    private void Winograd<L>(
        ReadOnlyTensor source, float* filters, GemmStore store, Tensor destination) where L : unmanaged, ILanes<L>
    {
        var tiles = new WinogradTiles(destination.Shape);
        var most = MostTiles(source.Shape.Channels, destination.Shape.Channels, ThreadFloats, 2);
        if (Workers.Count > 1 && tiles.Count < 2L * Workers.Count * most)
            WinogradShared<L>(tiles, source, filters, store, destination);
        else
            WinogradGroups<L>(tiles, most, source, filters, store, destination);
    }

    // Many tiles: each thread takes groups of its own.
    private void WinogradGroups<L>(
        WinogradTiles tiles, int most, ReadOnlyTensor source, float* filters, GemmStore store, Tensor destination)
        where L : unmanaged, ILanes<L>
    {
        var taken = stackalloc int[Workers.Count];
        var claims = new BufferClaims(taken, Workers.Count);
        var zeros = Zeros(source.Shape.Channels);
        var floats = WinogradForward<L>.BufferFloats(most, source.Shape.Channels, destination.Shape.Channels);
        var buffers = Scratch.Floats(InputSlot, Workers.Count * floats);
        var forward = new WinogradForward<L>(
            tiles, most, source, zeros, filters, store, destination, claims, buffers);
        Workers.Run(ref forward, forward.Chunks);
    }

    // Too few tiles for that: the threads share the steps of each group.
    private void WinogradShared<L>(
        WinogradTiles tiles, ReadOnlyTensor source, float* filters, GemmStore store, Tensor destination)
        where L : unmanaged, ILanes<L>
    {
        var (depth, columns) = (source.Shape.Channels, destination.Shape.Channels);
        var zeros = Zeros(depth);
        var most = MostTiles(depth, columns, SharedFloats, 1);
        for (long first = 0; first < tiles.Count; first += most)
        {
            var group = new WinogradGroup(first, (int)Math.Min(most, tiles.Count - first));
            var inputs = Scratch.Floats(InputSlot, WinogradTransform.Positions * group.Stride(depth));
            var products = Scratch.Floats(
                ProductSlot, WinogradTransform.Positions * group.Stride(GatherGemm<L>.Padded(columns)));
            var input = new WinogradInput<L>(tiles, group, source.Shape, source.Pointer(), zeros, inputs);
            Workers.Run(ref input, group.Chunks);
            var product = new WinogradProduct<L>(group, depth, columns, inputs, filters, products);
            Workers.Run(ref product, product.Chunks);
            var output = new WinogradOutput<L>(
                tiles, group, destination.Shape, products, store, destination.Pointer());
            Workers.Run(ref output, group.Chunks);
        }
    }

    private static int MostTiles(int depth, int columns, long floats, int least) =>
        (int)Math.Max(least, floats / (WinogradTransform.Positions * (depth + columns)) / 12) * 12;

    private void WinogradWeightGradient<L>(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient)
        where L : unmanaged, ILanes<L>
    {
        var (inputs, outputs) = (input.Shape.Channels, outputGradient.Shape.Channels);
        var zeros = Zeros(Math.Max(inputs, outputs));
        var products = Scratch.Floats(
            FilterSlot, WinogradTransform.Positions * WinogradWeightProduct<L>.Stride(inputs, outputs));
        var tiles = new WinogradTiles(outputGradient.Shape);
        for (long first = 0; first < tiles.Count; first += TilesOfWeightGradient)
        {
            var group = new WinogradGroup(first, (int)Math.Min(TilesOfWeightGradient, tiles.Count - first));
            var x = Scratch.Floats(InputSlot, WinogradTransform.Positions * group.Stride(GatherGemm<L>.Padded(inputs)));
            var dy = Scratch.Floats(
                ProductSlot, WinogradTransform.Positions * group.Stride(WinogradGradient<L>.Padded(outputs)));
            var source = new WinogradInput<L>(tiles, group, input.Shape, input.Pointer(), zeros, x, panels: true);
            Workers.Run(ref source, group.Chunks);
            var gradient = new WinogradGradient<L>(
                tiles, group, outputGradient.Shape, outputGradient.Pointer(), zeros, dy);
            Workers.Run(ref gradient, group.Chunks);
            var product = new WinogradWeightProduct<L>(group, inputs, outputs, x, dy, products);
            Workers.Run(ref product, product.Chunks);
        }
        var weight = new WinogradWeight<L>(inputs, outputs, products, weightGradient.Pointer());
        Workers.Run(ref weight, outputs);
    }

    private float* Filters<L>(ReadOnlyTensor weight, bool transposed) where L : unmanaged, ILanes<L>
    {
        if (!transposed && _kept.TryGetValue(weight.Address, out var kept))
            return KeptFilters<L>(weight.Shape, kept);
        var filters = Scratch.Floats(FilterSlot, FilterCount<L>(weight.Shape, transposed));
        Transform<L>(weight.Shape, transposed, Packed<L>(weight, transposed), filters);
        return filters;
    }

    // Made when a picture is met that is large enough for them.
    private float* KeptFilters<L>(Shape weight, KeptWeight kept) where L : unmanaged, ILanes<L>
    {
        lock (kept)
        {
            if (!kept.Filters.Exists)
            {
                var filters = device.Allocate(new Shape(checked((int)FilterCount<L>(weight, transposed: false))));
                Transform<L>(weight, transposed: false, kept.Packed.Pointer(), filters.Pointer());
                kept.Filters = filters;
            }
            return kept.Filters.Pointer();
        }
    }

    private void Transform<L>(Shape weight, bool transposed, float* packed, float* filters)
        where L : unmanaged, ILanes<L>
    {
        var packing = new WeightPacking(weight, transposed, GatherGemm<L>.BlockColumns, null, null);
        var filter = new WinogradFilter<L>(packing.Blocks, packing.Depth, transposed, packed, filters);
        Workers.Run(ref filter, packing.Blocks);
    }

    private static long FilterCount<L>(Shape weight, bool transposed) where L : unmanaged, ILanes<L> =>
        (long)WinogradTransform.Positions * (transposed
            ? (long)weight.Batch * GatherGemm<L>.Padded(weight.Channels)
            : (long)weight.Channels * GatherGemm<L>.Padded(weight.Batch));
}
