namespace Flixstock.Engine;

// Calls return when their work is done.
internal sealed unsafe partial class CpuKernels
{
    public void ConvolutionBackwardWeightAside(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient) =>
        ConvolutionBackwardWeight(input, outputGradient, geometry, weightGradient);

    public void JoinAside()
    {
    }
}
