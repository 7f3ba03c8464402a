namespace Flixstock.Engine;

// A linear layer is a 1x1 convolution over pictures of one pixel.
internal sealed unsafe partial class CpuKernels
{
    private static readonly ConvolutionGeometry PointByPoint = new(Stride: 1, Padding: 0);

    public void LinearForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor output)
    {
        UnknownActivation.Refuse(activation);
        var slope = activation == ActivationKind.Relu ? 0f : 1f;
        ConvolutionFolded(
            AsPixels(input), AsPixels(weight), bias, ReadOnlyTensor.None, PointByPoint, slope, AsPixels(output));
        // What no slope can say is another pass.
        if (activation is not (ActivationKind.None or ActivationKind.Relu))
            ActivationForward(output, activation, output);
    }

    public void LinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient) =>
        ConvolutionBackwardData(
            AsPixels(outputGradient), AsPixels(weight), PointByPoint, accumulate, AsPixels(inputGradient));

    public void LinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        ConvolutionBackwardWeight(AsPixels(input), AsPixels(outputGradient), PointByPoint, AsPixels(weightGradient));
        if (biasGradient.Exists)
            SumRows(outputGradient, biasGradient);
    }

    private static void SumRows(ReadOnlyTensor rows, Tensor sums)
    {
        var columns = rows.Shape.Channels;
        var source = rows.Pointer();
        var destination = sums.Pointer();
        for (var column = 0; column < columns; column++)
        {
            double sum = 0;
            for (var row = 0; row < rows.Shape.Batch; row++)
                sum += source[(long)row * columns + column];
            destination[column] = (float)sum;
        }
    }
}
