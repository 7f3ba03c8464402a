using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

// Weights of inference, packed once: for one picture packing takes longer than multiplying.
public sealed unsafe partial class CpuKernels
{
    private readonly ConcurrentDictionary<nint, Tensor> _kept = [];

    public void KeepWeight(ReadOnlyTensor weight)
    {
        var convolution = weight.Shape.Rank == 4 ? weight : AsPixels(weight);
        if (Vector512.IsHardwareAccelerated)
            Keep<Lanes512>(convolution);
        else if (Vector256.IsHardwareAccelerated)
            Keep<Lanes256>(convolution);
        else
            Keep<Lanes128>(convolution);
    }

    public void ReleaseWeight(ReadOnlyTensor weight)
    {
        if (_kept.TryRemove(weight.Address, out var packed))
            device.Free(packed);
    }

    private void Keep<L>(ReadOnlyTensor weight) where L : unmanaged, ILanes<L>
    {
        var count = new WeightPacking(weight.Shape, transposed: false, GatherGemm<L>.BlockColumns, null, null).Count;
        var packed = device.Allocate(new Shape(checked((int)count)));
        Pack<L>(weight, transposed: false, packed.Pointer());
        if (!_kept.TryAdd(weight.Address, packed))
            throw new InvalidOperationException($"a weight of shape {weight.Shape} is kept twice; release it first");
    }
}
