namespace Flixstock.Engine;

// Calls return when their work is done.
internal sealed partial class ReferenceKernels
{
    public void ConvolutionBackwardWeightAside(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient) =>
        ConvolutionBackwardWeight(input, outputGradient, geometry, weightGradient);

    public void JoinAside()
    {
    }
}
