namespace Flixstock.Engine;

#pragma warning disable
public sealed partial class CpuKernels
{
    // Convolution
    public void ConvolutionForward(ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output) => throw new NotImplementedException();
    public void ConvolutionBackwardData(ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    public void ConvolutionBackwardWeight(ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient) => throw new NotImplementedException();
    public void ConvolutionFolded(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ReadOnlyTensor residual, ConvolutionGeometry geometry, float slope, Tensor output) => throw new NotImplementedException();
    // Linear
    public void LinearForward(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor output) => throw new NotImplementedException();
    public void LinearBackwardData(ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    public void LinearBackwardWeight(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient) => throw new NotImplementedException();
}
