namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void PooledGateForward(
        ReadOnlyTensor input, ReadOnlyTensor reduceWeight, ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight,
        ReadOnlyTensor expandBias, Tensor pooled, Tensor hidden, Tensor excitation) =>
        GateComposition.PooledForward(
            this, input, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden, excitation);

    public void NormalizedGateForward(
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation) =>
        GateComposition.NormalizedForward(
            this, pictureMean, normalization, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden,
            excitation);

    public void AbnApplyGateForward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation)
    {
        AbnApply(input, normalization, slope, output);
        PooledGateForward(
            output, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden, excitation);
    }

    public void GateBackward(
        ReadOnlyTensor pooled, ReadOnlyTensor hidden, ReadOnlyTensor excitation, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor expandWeight, Tensor excitationGradient, Tensor hiddenGradient, Tensor pooledGradient,
        Tensor reduceWeightGradient, Tensor reduceBiasGradient, Tensor expandWeightGradient,
        Tensor expandBiasGradient) =>
        GateComposition.Backward(
            this, pooled, hidden, excitation, reduceWeight, expandWeight, excitationGradient, hiddenGradient,
            pooledGradient, reduceWeightGradient, reduceBiasGradient, expandWeightGradient, expandBiasGradient);
}
