namespace Flixstock.Engine;

// The library's twins: kernels/convolution.cu for every direction, and through 1x1 windows for matrix products.
public sealed partial class CudaKernels
{
    private const int Tile = 16; // as in convolution.cu

    private readonly KernelEntries _convolutionForward = new("convolution", "convolution_forward");
    private readonly KernelEntries _convolutionBackwardData = new("convolution", "convolution_backward_data");
    private readonly KernelEntries _convolutionBackwardWeight = new("convolution", "convolution_backward_weight");
    private readonly KernelEntries _convolutionEpilogue = new("convolution", "convolution_epilogue");

    // ConvolutionForward by the engine's own kernel; all three tensors of one type.
    private void OwnConvolutionForward(ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output)
    {
        RequireOneType(input.Type, weight.Type, output.Type);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(weight);
        arguments.Add(output);
        AddWindow(ref arguments, input.Shape, weight.Shape, output.Shape, geometry);
        Launch(_convolutionForward, input.Type, fast: true, TileShape(output.Shape.Channels, output.Shape.Pixels), ref arguments);
    }

    // ConvolutionBackwardData by the engine's own kernel; all three tensors of one type.
    private void OwnConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate, Tensor inputGradient)
    {
        RequireOneType(outputGradient.Type, weight.Type, inputGradient.Type);
        var arguments = new KernelArguments();
        arguments.Add(outputGradient);
        arguments.Add(weight);
        arguments.Add(accumulate);
        arguments.Add(inputGradient);
        AddWindow(ref arguments, inputGradient.Shape, weight.Shape, outputGradient.Shape, geometry);
        Launch(_convolutionBackwardData, outputGradient.Type, fast: true, TileShape(inputGradient.Shape.Channels, inputGradient.Shape.Pixels), ref arguments);
    }

    // ConvolutionBackwardWeight by the engine's own kernel; all three tensors of one type.
    private void OwnConvolutionBackwardWeight(ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        RequireOneType(input.Type, outputGradient.Type, weightGradient.Type);
        var arguments = new KernelArguments();
        arguments.Add(input);
        arguments.Add(outputGradient);
        arguments.Add(weightGradient);
        var dw = weightGradient.Shape;
        AddWindow(ref arguments, input.Shape, dw, outputGradient.Shape, geometry);
        Launch(_convolutionBackwardWeight, input.Type, fast: true, TileShape(dw.Count / dw.Batch, dw.Batch), ref arguments);
    }

    private static void AddWindow(ref KernelArguments arguments, Shape input, Shape weight, Shape output, ConvolutionGeometry geometry)
    {
        arguments.Add(input.Batch);
        arguments.Add(input.Height);
        arguments.Add(input.Width);
        arguments.Add(input.Channels);
        arguments.Add(output.Height);
        arguments.Add(output.Width);
        arguments.Add(output.Channels);
        arguments.Add(weight.Height);
        arguments.Add(weight.Width);
        arguments.Add(geometry.Stride);
        arguments.Add(geometry.Padding);
    }

    private static LaunchShape TileShape(long columns, long rows) =>
        new((uint)Divide(columns, Tile), (uint)Math.Min(Divide(rows, Tile), MostGridRows), 1, Tile, Tile);

    private static void RequireOneType(ElementType a, ElementType b, ElementType c)
    {
        if (a != b || b != c)
            throw new EngineException($"the engine's own convolution takes tensors of one type, not {a}, {b} and {c}");
    }
}
