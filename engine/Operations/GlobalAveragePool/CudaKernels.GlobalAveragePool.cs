namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _globalPoolParts = new("global_average_pool", "global_pool_parts");
    private readonly KernelEntries _globalPoolFinish = new("global_average_pool", "global_pool_finish");
    private readonly KernelEntries _globalPoolBackward = new("global_average_pool", "global_pool_backward");

    public void GlobalAveragePoolForward(ReadOnlyTensor input, Tensor output)
    {
        var channels = input.Shape.Channels;
        var fast = IsFast(channels, input.Address);
        var reduction = ReductionOf(input.Shape, fast, perPicture: true);
        var parts = Parts(reduction, 1, channels);
        var sums = new KernelArguments();
        sums.Add(input);
        sums.Add(reduction.Pixels);
        sums.Add(channels);
        sums.Add(parts);
        Launch(_globalPoolParts, input.Type, fast, reduction.Shape, ref sums);
        var finish = new KernelArguments();
        finish.Add(parts);
        finish.Add(reduction.Segments);
        finish.Add(channels);
        finish.Add((float)(1.0 / reduction.Pixels));
        finish.Add(output);
        Launch(_globalPoolFinish, FinishShape(channels, reduction.Pictures), ref finish);
    }

    public void GlobalAveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var channels = inputGradient.Shape.Channels;
        var fast = IsFast(channels, outputGradient.Address, inputGradient.Address);
        var packs = PacksPerPicture(inputGradient, fast);
        var arguments = new KernelArguments();
        arguments.Add(outputGradient);
        arguments.Add((float)(1.0 / inputGradient.Shape.PixelsPerPicture));
        arguments.Add(accumulate);
        arguments.Add(inputGradient);
        arguments.Add(packs);
        arguments.Add(channels);
        Launch(_globalPoolBackward, inputGradient.Type, fast, SweepShape(packs, Groups(channels, fast), inputGradient.Shape.Batch), ref arguments);
    }
}
