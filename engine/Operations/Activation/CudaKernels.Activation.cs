namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _activationForward = new("activation", "activation_forward");
    private readonly KernelEntries _activationBackward = new("activation", "activation_backward");

    public void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output)
    {
        var fast = IsFast(input.Count, input.Address, output.Address);
        var packs = Packs(input.Count, fast, "an activation");
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add((int)activation);
        arguments.Add(output);
        arguments.Add(packs);
        Launch(_activationForward, input.Type, fast, SweepShape(packs, 1), ref arguments);
    }

    public void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient)
    {
        var fast = IsFast(output.Count, output.Address, gradient.Address);
        var packs = Packs(output.Count, fast, "an activation");
        var arguments = new KernelArguments();
        arguments.Add(output);
        arguments.Add((int)activation);
        arguments.Add(gradient);
        arguments.Add(packs);
        Launch(_activationBackward, output.Type, fast, SweepShape(packs, 1), ref arguments);
    }
}
