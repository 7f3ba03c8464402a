namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _exciteForward = new("squeeze_excite", "excite_forward");
    private readonly KernelEntries _exciteGradientSums = new("squeeze_excite", "excite_gradient_sums");
    private readonly KernelEntries _exciteGradientApply = new("squeeze_excite", "excite_gradient_apply");

    public void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, excitation.Address, output.Address);
        var packs = PacksPerPicture(input, fast);
        Launch(
            _exciteForward, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch),
            input, excitation, output, packs, channels);
    }

    public void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, outputGradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        Launch(
            _exciteGradientSums, input.Type, fast, reduction.Shape,
            input, outputGradient, reduction.Pixels, channels, Parts(reduction, 1, channels), Counters(reduction),
            excitationGradient);
    }

    public void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient)
    {
        var channels = gradient.Shape.Channels;
        var fast = IsFast(channels, excitation.Address, pooledGradient.Address, gradient.Address);
        var packs = PacksPerPicture(gradient, fast);
        Launch(
            _exciteGradientApply, gradient.Type, fast, SweepShape(packs, Groups(channels, fast), gradient.Shape.Batch),
            excitation, pooledGradient, (float)(1.0 / gradient.Shape.PixelsPerPicture), gradient, packs, channels);
    }
}
