namespace Flixstock.Engine;

// What the launchers of several operations share.
public sealed partial class CudaKernels
{
    private static int PacksPerPicture(ReadOnlyTensor tensor, bool fast) => Packs(tensor.Count / tensor.Shape.Batch, fast, "a picture");

    // The sum of the blocks' parts of a loss, in a fixed order.
    private void FinishLoss(KernelEntries entries, nint parts, int count, Tensor loss)
    {
        var arguments = new KernelArguments();
        arguments.Add(parts);
        arguments.Add(count);
        arguments.Add(loss);
        Launch(entries, LaunchShape.Linear(1, SweepThreads), ref arguments);
    }

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
