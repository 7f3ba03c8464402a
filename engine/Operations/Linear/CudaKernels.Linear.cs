namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private static readonly ConvolutionGeometry OnePixel = new(1, 0);

    private readonly KernelEntries _linearBiasActivation = new("linear", "linear_bias_activation");
    private readonly KernelEntries _linearBiasGradient = new("linear", "linear_bias_gradient");

    public void LinearForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor output)
    {
        var kind = Number(activation);
        if (bias.Exists && _fused is not null && _fused.TryForward(input, weight, bias, activation, output))
            return;
        if (_blas is not null)
            _blas.Forward(input, weight, output);
        else
            ConvolutionForward(AsPictures(input), AsPictures(weight), OnePixel, AsPictures(output));
        if (!bias.Exists && activation == ActivationKind.None)
            return;
        var count = Packs(output.Count, fast: false, "a batch of vectors");
        Launch(
            _linearBiasActivation, SweepShape(count, 1),
            bias, kind, output, count, output.Shape.Channels);
    }

    public void LinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient)
    {
        if (_blas is not null)
        {
            _blas.BackwardData(outputGradient, weight, accumulate, inputGradient);
        }
        else
        {
            ConvolutionBackwardData(
                AsPictures(outputGradient), AsPictures(weight), OnePixel, accumulate, AsPictures(inputGradient));
        }
    }

    public void LinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        if (biasGradient.Exists && _fused is not null
            && _fused.TryBackwardWeight(input, outputGradient, weightGradient, biasGradient))
        {
            return;
        }
        if (_blas is not null)
        {
            _blas.BackwardWeight(input, outputGradient, weightGradient);
        }
        else
        {
            ConvolutionBackwardWeight(
                AsPictures(input), AsPictures(outputGradient), OnePixel, AsPictures(weightGradient));
        }
        if (!biasGradient.Exists)
            return;
        var outputs = outputGradient.Shape.Channels;
        Launch(
            _linearBiasGradient, FinishShape(outputs),
            outputGradient, outputGradient.Shape.Batch, outputs, biasGradient);
    }

    // [N, C] as [N, 1, 1, C]: a linear layer is a 1x1 convolution of one pixel; [O, I] likewise.
    private static Tensor AsPictures(Tensor vectors) => vectors.Reshape(OnePixelEach(vectors.Shape));

    private static ReadOnlyTensor AsPictures(ReadOnlyTensor vectors) => vectors.Reshape(OnePixelEach(vectors.Shape));

    private static Shape OnePixelEach(Shape vectors) => new(vectors.Batch, 1, 1, vectors.Channels);
}
