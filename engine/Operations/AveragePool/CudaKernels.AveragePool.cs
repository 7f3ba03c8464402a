namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _averagePoolForward = new("average_pool", "average_pool_forward");
    private readonly KernelEntries _averagePoolBackward = new("average_pool", "average_pool_backward");

    public void AveragePoolForward(ReadOnlyTensor input, Tensor output) => Halve(_averagePoolForward, input, output);

    public void AveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient) =>
        HalveBackward(_averagePoolBackward, outputGradient, accumulate, inputGradient);

    // Any kernel that halves pictures: a thread has channels of an output pixel.
    private void Halve(KernelEntries entries, ReadOnlyTensor input, Tensor output)
    {
        var fast = IsFast(input.Shape.Channels, input.Address, output.Address);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(output);
        AddExtents(ref arguments, input.Shape);
        Launch(entries, input.Type, fast, PixelShape(output.Shape, fast), ref arguments);
    }

    // Its backward pass: a thread has channels of an input pixel.
    private void HalveBackward(KernelEntries entries, ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var fast = IsFast(inputGradient.Shape.Channels, outputGradient.Address, inputGradient.Address);
        var arguments = new KernelArguments();
        arguments.Add(outputGradient);
        arguments.Add(accumulate);
        arguments.Add(inputGradient);
        AddExtents(ref arguments, inputGradient.Shape);
        Launch(entries, inputGradient.Type, fast, PixelShape(inputGradient.Shape, fast), ref arguments);
    }

    private static void AddExtents(ref KernelArguments arguments, Shape shape)
    {
        arguments.Add(shape.Batch);
        arguments.Add(shape.Height);
        arguments.Add(shape.Width);
        arguments.Add(shape.Channels);
    }

    private LaunchShape PixelShape(Shape written, bool fast) =>
        RowShape((long)written.Width * Groups(written.Channels, fast), (long)written.Batch * written.Height);
}
