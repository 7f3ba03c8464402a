namespace Flixstock.Engine;

// A linear layer is a 1x1 convolution over pictures of one pixel.
internal sealed unsafe partial class CpuKernels
{
    private const int BiasSlot = 0;

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

    // Row by row, as they lie in memory; each column is summed in double, in the order of the rows.
    private void SumRows(ReadOnlyTensor rows, Tensor sums)
    {
        var columns = rows.Shape.Channels;
        var totals = Scratch.Doubles(BiasSlot, columns);
        WideSums.Add(rows.Pointer(), rows.Shape.Batch, columns, totals);
        for (var column = 0; column < columns; column++)
            sums.Pointer()[column] = (float)totals[column];
    }
}
