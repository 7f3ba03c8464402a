namespace Flixstock.Engine;

// The library's twins: kernels/convolution.cu for every direction, and through 1x1 windows for matrix products.
internal sealed partial class CudaKernels
{
    private const int Tile = 16; // as in convolution.cu

    private readonly KernelEntries _convolutionForward = new("convolution", "convolution_forward");
    private readonly KernelEntries _convolutionBackwardData = new("convolution", "convolution_backward_data");
    private readonly KernelEntries _convolutionBackwardWeight = new("convolution", "convolution_backward_weight");
    private readonly KernelEntries _convolutionEpilogue = new("convolution", "convolution_epilogue");

    // ConvolutionForward by the engine's own kernel; all three tensors of one type.
    private void OwnConvolutionForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output)
    {
        RequireOneType(input.Type, weight.Type, output.Type);
        LaunchWindow(
            _convolutionForward, input.Type, TileShape(output.Shape.Channels, output.Shape.Pixels),
            new Window(input.Shape, weight.Shape, output.Shape, geometry), input, weight, output);
    }

    // ConvolutionBackwardData by the engine's own kernel; all three tensors of one type.
    private void OwnConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate,
        Tensor inputGradient)
    {
        RequireOneType(outputGradient.Type, weight.Type, inputGradient.Type);
        LaunchWindow(
            _convolutionBackwardData, outputGradient.Type,
            TileShape(inputGradient.Shape.Channels, inputGradient.Shape.Pixels),
            new Window(inputGradient.Shape, weight.Shape, outputGradient.Shape, geometry),
            outputGradient, weight, accumulate, inputGradient);
    }

    // ConvolutionBackwardWeight by the engine's own kernel; all three tensors of one type.
    private void OwnConvolutionBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        RequireOneType(input.Type, outputGradient.Type, weightGradient.Type);
        var dw = weightGradient.Shape;
        LaunchWindow(
            _convolutionBackwardWeight, input.Type, TileShape(dw.Count / dw.Batch, dw.Batch),
            new Window(input.Shape, dw, outputGradient.Shape, geometry), input, outputGradient, weightGradient);
    }

    private readonly record struct Window(Shape Input, Shape Weight, Shape Output, ConvolutionGeometry Geometry);

    // The kernel's own arguments come first, as in convolution.cu.
    private void LaunchWindow(
        KernelEntries entries, ElementType type, in LaunchShape shape, in Window window,
        params ReadOnlySpan<KernelArgument> tensors)
    {
        var (input, weight, output, geometry) = window;
        ReadOnlySpan<KernelArgument> extents =
        [
            input.Batch, input.Height, input.Width, input.Channels, output.Height, output.Width, output.Channels,
            weight.Height, weight.Width, geometry.Stride, geometry.Padding,
        ];
        Span<KernelArgument> arguments = stackalloc KernelArgument[tensors.Length + extents.Length];
        tensors.CopyTo(arguments);
        extents.CopyTo(arguments[tensors.Length..]);
        Launch(entries, type, fast: true, shape, arguments);
    }

    private static LaunchShape TileShape(long columns, long rows) =>
        new((uint)Divide(columns, Tile), (uint)Math.Min(Divide(rows, Tile), MostGridRows), 1, Tile, Tile);

    private static void RequireOneType(ElementType a, ElementType b, ElementType c)
    {
        if (a != b || b != c)
            throw new EngineException($"the engine's own convolution takes tensors of one type, not {a}, {b} and {c}");
    }
}
