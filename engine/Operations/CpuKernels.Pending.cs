namespace Flixstock.Engine;

#pragma warning disable
public sealed partial class CpuKernels
{
    // Activation
    public void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output) => throw new NotImplementedException();
    public void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient) => throw new NotImplementedException();
    // AveragePool
    public void AveragePoolForward(ReadOnlyTensor input, Tensor output) => throw new NotImplementedException();
    public void AveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    // BlurPool
    public void BlurPoolForward(ReadOnlyTensor input, Tensor output) => throw new NotImplementedException();
    public void BlurPoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    // Convolution
    public void ConvolutionForward(ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output) => throw new NotImplementedException();
    public void ConvolutionBackwardData(ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    public void ConvolutionBackwardWeight(ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient) => throw new NotImplementedException();
    public void ConvolutionFolded(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ReadOnlyTensor residual, ConvolutionGeometry geometry, float slope, Tensor output) => throw new NotImplementedException();
    // GlobalAveragePool
    public void GlobalAveragePoolForward(ReadOnlyTensor input, Tensor output) => throw new NotImplementedException();
    public void GlobalAveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    // InplaceAbn
    public void AbnStatistics(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum, Tensor normalization, Tensor runningMean, Tensor runningVariance, Tensor pictureMean) => throw new NotImplementedException();
    public void AbnRunningStatistics(ReadOnlyTensor runningMean, ReadOnlyTensor runningVariance, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, Tensor normalization) => throw new NotImplementedException();
    public void AbnApply(ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output) => throw new NotImplementedException();
    public void AbnBackward(ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float slope, bool batchStatistics, Tensor gradient, Tensor weightGradient, Tensor biasGradient) => throw new NotImplementedException();
    public void IdentityAbnBackward(ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics, Tensor gradient, Tensor weightGradient, Tensor biasGradient) => throw new NotImplementedException();
    // Linear
    public void LinearForward(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor output) => throw new NotImplementedException();
    public void LinearBackwardData(ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    public void LinearBackwardWeight(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient) => throw new NotImplementedException();
    // ResidualAbn
    public void AbnResidualRelu(ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor residual, ReadOnlyTensor residualNormalization, Tensor output) => throw new NotImplementedException();
    public void AbnResidualReluBackward(ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics, Tensor gradient, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient) => throw new NotImplementedException();
    public void AbnExciteResidualRelu(ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor excitation, ReadOnlyTensor residual, ReadOnlyTensor residualNormalization, Tensor output) => throw new NotImplementedException();
    public void AbnExciteResidualReluBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, Tensor gradient, Tensor sums, Tensor excitationGradient) => throw new NotImplementedException();
    public void AbnExciteResidualReluBackwardApply(ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean, ReadOnlyTensor sums, bool batchStatistics, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient) => throw new NotImplementedException();
    public void ExciteResidualRelu(ReadOnlyTensor input, ReadOnlyTensor excitation, ReadOnlyTensor residual, Tensor output) => throw new NotImplementedException();
    // SpaceToDepth
    public void SpaceToDepthForward(ReadOnlyTensor input, int block, Tensor output) => throw new NotImplementedException();
    public void SpaceToDepthBackward(ReadOnlyTensor outputGradient, int block, bool accumulate, Tensor inputGradient) => throw new NotImplementedException();
    // SqueezeExcite
    public void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output) => throw new NotImplementedException();
    public void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient) => throw new NotImplementedException();
    public void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient) => throw new NotImplementedException();
}
