using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int PackedSlot = 0, ZerosSlot = 1;

    public void ConvolutionForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output) =>
        Gather(input, weight, transposed: false, geometry, new GemmStore(null, null, 1, accumulate: false), output);

    public void ConvolutionFolded(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ReadOnlyTensor residual,
        ConvolutionGeometry geometry, float slope, Tensor output) =>
        Gather(
            input, weight, transposed: false, geometry,
            new GemmStore(bias.Pointer(), residual.Pointer(), slope, accumulate: false), output);

    public void ConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate,
        Tensor inputGradient) =>
        Gather(
            outputGradient, weight, transposed: true, geometry,
            new GemmStore(null, null, 1, accumulate), inputGradient);

    public void ConvolutionBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        if (Vector512.IsHardwareAccelerated)
            WeightGradient<Lanes512>(input, outputGradient, geometry, weightGradient);
        else if (Vector256.IsHardwareAccelerated)
            WeightGradient<Lanes256>(input, outputGradient, geometry, weightGradient);
        else
            WeightGradient<Lanes128>(input, outputGradient, geometry, weightGradient);
    }

    private void WeightGradient<L>(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
        where L : unmanaged, ILanes<L>
    {
        if (!exact && WinogradRule.Applies(weightGradient.Shape, geometry, input.Shape))
        {
            WinogradWeightGradient<L>(input, outputGradient, weightGradient);
            return;
        }
        var gemm = new WeightGradientGemm<L>(
            input.Shape, outputGradient.Shape, weightGradient.Shape, geometry, input.Pointer(),
            outputGradient.Pointer(), weightGradient.Pointer());
        Workers.Run(ref gemm, gemm.Chunks);
    }

    private void Gather(
        ReadOnlyTensor source, ReadOnlyTensor weight, bool transposed, ConvolutionGeometry geometry, GemmStore store,
        Tensor destination)
    {
        if (Vector512.IsHardwareAccelerated)
            Gather<Lanes512>(source, weight, transposed, geometry, store, destination);
        else if (Vector256.IsHardwareAccelerated)
            Gather<Lanes256>(source, weight, transposed, geometry, store, destination);
        else
            Gather<Lanes128>(source, weight, transposed, geometry, store, destination);
    }

    private void Gather<L>(
        ReadOnlyTensor source, ReadOnlyTensor weight, bool transposed, ConvolutionGeometry geometry, GemmStore store,
        Tensor destination) where L : unmanaged, ILanes<L>
    {
        var (rows, columns) = (weight.Shape.Height, weight.Shape.Width);
        if (rows * columns > GatherGemm<L>.LargestTaps)
        {
            throw new InputException($"a convolution window of {rows}x{columns} is larger than this device takes "
                + $"({GatherGemm<L>.LargestTaps} taps)");
        }
        if (!exact && WinogradRule.Applies(weight.Shape, geometry, source.Shape))
        {
            Winograd<L>(source, Filters<L>(weight, transposed), store, destination);
            return;
        }
        var packed = Packed<L>(weight, transposed);
        var zeros = Zeros(source.Shape.Channels);
        var map = transposed ? GatherMap.Backward : GatherMap.Forward;
        var gemm = new GatherGemm<L>(
            source.Shape, destination.Shape, rows, columns, geometry, map, source.Pointer(), zeros, packed, store,
            destination.Pointer());
        Workers.Run(ref gemm, gemm.Chunks);
    }

    private float* Zeros(int count)
    {
        var zeros = Scratch.Floats(ZerosSlot, count);
        new Span<float>(zeros, count).Clear();
        return zeros;
    }

    private float* Packed<L>(ReadOnlyTensor weight, bool transposed) where L : unmanaged, ILanes<L>
    {
        if (!transposed && _kept.TryGetValue(weight.Address, out var kept))
            return kept.Packed.Pointer();
        var packed = Scratch.Floats(
            PackedSlot, new WeightPacking(weight.Shape, transposed, GatherGemm<L>.BlockColumns, null, null).Count);
        Pack<L>(weight, transposed, packed);
        return packed;
    }

    private void Pack<L>(ReadOnlyTensor weight, bool transposed, float* packed) where L : unmanaged, ILanes<L>
    {
        var packing = new WeightPacking(weight.Shape, transposed, GatherGemm<L>.BlockColumns, weight.Pointer(), packed);
        Workers.Run(ref packing, packing.Blocks);
    }
}
