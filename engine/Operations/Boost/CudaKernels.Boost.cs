namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _boostForward = new("boost", "boost_forward");
    private readonly KernelEntries _boostBackward = new("boost", "boost_backward");

    public void BoostForward(ReadOnlyTensor input, float factor, Tensor output)
    {
        var fast = IsFast(input.Count, input.Address, output.Address);
        var packs = Packs(input.Count, fast, "scores");
        Launch(_boostForward, input.Type, fast, SweepShape(packs, 1), input, factor, output, packs);
    }

    public void BoostBackward(ReadOnlyTensor output, float factor, Tensor gradient)
    {
        var fast = IsFast(output.Count, output.Address, gradient.Address);
        var packs = Packs(output.Count, fast, "scores");
        Launch(_boostBackward, output.Type, fast, SweepShape(packs, 1), output, factor, gradient, packs);
    }
}
