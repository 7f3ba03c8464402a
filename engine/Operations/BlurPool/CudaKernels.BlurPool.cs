namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _blurPoolForward = new("blur_pool", "blur_pool_forward");
    private readonly KernelEntries _blurPoolBackward = new("blur_pool", "blur_pool_backward");

    public void BlurPoolForward(ReadOnlyTensor input, Tensor output)
    {
        var (x, y) = (input.Shape, output.Shape);
        var fast = IsFast(x.Channels, input.Address, output.Address);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(output);
        arguments.Add(x.Batch);
        arguments.Add(x.Height);
        arguments.Add(x.Width);
        arguments.Add(x.Channels);
        Launch(_blurPoolForward, input.Type, fast, RowShape((long)y.Width * Groups(y.Channels, fast), (long)y.Batch * y.Height), ref arguments);
    }

    public void BlurPoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var dx = inputGradient.Shape;
        var fast = IsFast(dx.Channels, outputGradient.Address, inputGradient.Address);
        var arguments = new KernelArguments();
        arguments.Add(outputGradient);
        arguments.Add(accumulate);
        arguments.Add(inputGradient);
        arguments.Add(dx.Batch);
        arguments.Add(dx.Height);
        arguments.Add(dx.Width);
        arguments.Add(dx.Channels);
        Launch(_blurPoolBackward, inputGradient.Type, fast, RowShape((long)dx.Width * Groups(dx.Channels, fast), (long)dx.Batch * dx.Height), ref arguments);
    }
}
