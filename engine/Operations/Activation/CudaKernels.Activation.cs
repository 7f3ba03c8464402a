namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _activationForward = new("activation", "activation_forward");
    private readonly KernelEntries _activationBackward = new("activation", "activation_backward");

    public void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output)
    {
        var fast = IsFast(input.Count, input.Address, output.Address);
        var packs = Packs(input.Count, fast, "an activation");
        Launch(_activationForward, input.Type, fast, SweepShape(packs, 1), input, Number(activation), output, packs);
    }

    public void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient)
    {
        var fast = IsFast(output.Count, output.Address, gradient.Address);
        var packs = Packs(output.Count, fast, "an activation");
        Launch(
            _activationBackward, output.Type, fast, SweepShape(packs, 1),
            output, Number(activation), gradient, packs);
    }
}
