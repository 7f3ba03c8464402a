namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _globalPoolForward = new("global_average_pool", "global_pool_forward");
    private readonly KernelEntries _globalPoolBackward = new("global_average_pool", "global_pool_backward");

    public void GlobalAveragePoolForward(ReadOnlyTensor input, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        Launch(
            _globalPoolForward, input.Type, fast, reduction.Shape,
            input, reduction.Pixels, channels, (float)(1.0 / reduction.Pixels), Parts(reduction, 1, channels),
            Counters(reduction), output);
    }

    public void GlobalAveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var channels = inputGradient.Shape.Channels;
        var fast = IsFast(channels, outputGradient.Address, inputGradient.Address);
        var packs = PacksPerPicture(inputGradient, fast);
        Launch(
            _globalPoolBackward, inputGradient.Type, fast,
            SweepShape(packs, Groups(channels, fast), inputGradient.Shape.Batch), outputGradient,
            (float)(1.0 / inputGradient.Shape.PixelsPerPicture), accumulate, inputGradient, packs,
            channels);
    }
}
