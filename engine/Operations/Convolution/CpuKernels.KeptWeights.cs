using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

// Weights of inference, packed once: for one picture packing takes longer than multiplying.
internal sealed unsafe partial class CpuKernels : IPackedWeights
{
    private readonly ConcurrentDictionary<nint, KeptWeight> _kept = [];

    public void KeepWeight(ReadOnlyTensor weight) => Keep(weight.Address, weight.Shape, NewPacked(weight));

    Tensor IPackedWeights.PackWeight(ReadOnlyTensor weight)
    {
        var packed = NewPacked(weight);
        Keep(packed.Address, weight.Shape, packed);
        return new Tensor(packed.Address, weight.Shape, weight.Type);
    }

    public void ReleaseWeight(ReadOnlyTensor weight)
    {
        if (!_kept.TryRemove(weight.Address, out var kept))
            return;
        device.Free(kept.Packed);
        if (kept.Filters.Exists)
            device.Free(kept.Filters);
    }

    private void Keep(nint address, Shape shape, Tensor packed)
    {
        if (!_kept.TryAdd(address, new KeptWeight(packed)))
            throw new InvalidOperationException($"a weight of shape {shape} is kept twice; release it first");
    }

    private Tensor NewPacked(ReadOnlyTensor weight)
    {
        var convolution = weight.Shape.Rank == 4 ? weight : AsPixels(weight);
        if (Vector512.IsHardwareAccelerated)
            return NewPacked<Lanes512>(convolution);
        return Vector256.IsHardwareAccelerated ? NewPacked<Lanes256>(convolution) : NewPacked<Lanes128>(convolution);
    }

    private Tensor NewPacked<L>(ReadOnlyTensor weight) where L : unmanaged, ILanes<L>
    {
        var count = new WeightPacking(weight.Shape, transposed: false, GatherGemm<L>.BlockColumns, null, null).Count;
        var packed = device.Allocate(new Shape(checked((int)count)));
        Pack<L>(weight, transposed: false, packed.Pointer());
        return packed;
    }

    // The weight as products read it, and transformed for Winograd's filtering where that was used.
    private sealed class KeptWeight(Tensor packed)
    {
        public Tensor Packed { get; } = packed;

        public Tensor Filters { get; set; } = Tensor.None;
    }
}
