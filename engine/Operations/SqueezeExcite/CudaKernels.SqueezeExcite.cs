namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _exciteForward = new("squeeze_excite", "excite_forward");
    private readonly KernelEntries _exciteGradientParts = new("squeeze_excite", "excite_gradient_parts");
    private readonly KernelEntries _exciteGradientFinish = new("squeeze_excite", "excite_gradient_finish");
    private readonly KernelEntries _exciteGradientApply = new("squeeze_excite", "excite_gradient_apply");

    public void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, excitation.Address, output.Address);
        var packs = PacksPerPicture(input, fast);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(excitation);
        arguments.Add(output);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_exciteForward, input.Type, fast, SweepShape(packs, Groups(channels, fast), input.Shape.Batch), ref arguments);
    }

    public void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address, outputGradient.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        var parts = Parts(reduction, 1, channels);
        var sums = new KernelArguments();
        sums.Add(input);
        sums.Add(outputGradient);
        sums.Add(reduction.Pixels);
        sums.Add(channels);
        sums.Add(parts);
        Launch(_exciteGradientParts, input.Type, fast, reduction.Shape, ref sums);
        var finish = new KernelArguments();
        finish.Add(parts);
        finish.Add(reduction.Segments);
        finish.Add(channels);
        finish.Add(excitationGradient);
        Launch(_exciteGradientFinish, FinishShape(channels, reduction.Pictures), ref finish);
    }

    public void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient)
    {
        var channels = gradient.Shape.Channels;
        var fast = IsFast(channels, excitation.Address, pooledGradient.Address, gradient.Address);
        var packs = PacksPerPicture(gradient, fast);
        var arguments = new KernelArguments();
        arguments.Add(excitation);
        arguments.Add(pooledGradient);
        arguments.Add((float)(1.0 / gradient.Shape.PixelsPerPicture));
        arguments.Add(gradient);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_exciteGradientApply, gradient.Type, fast, SweepShape(packs, Groups(channels, fast), gradient.Shape.Batch), ref arguments);
    }
}
