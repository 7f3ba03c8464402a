namespace Flixstock.Engine;

/// <summary>
/// Squeeze-excite's gate as the operations it consists of, for kernels that have nothing better.
/// </summary>
internal static class GateComposition
{
    public static void PooledForward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor reduceWeight, ReadOnlyTensor reduceBias,
        ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled, Tensor hidden, Tensor excitation)
    {
        kernels.GlobalAveragePoolForward(input, pooled);
        TwoLayers(kernels, pooled, reduceWeight, reduceBias, expandWeight, expandBias, hidden, excitation);
    }

    public static void NormalizedForward(
        IKernels kernels, ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation)
    {
        kernels.AbnApply(pictureMean, normalization, 1, pooled);
        TwoLayers(kernels, pooled, reduceWeight, reduceBias, expandWeight, expandBias, hidden, excitation);
    }

    public static void AppliedForward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output,
        ReadOnlyTensor reduceWeight, ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight,
        ReadOnlyTensor expandBias, Tensor pooled, Tensor hidden, Tensor excitation)
    {
        kernels.AbnApply(input, normalization, slope, output);
        PooledForward(
            kernels, output, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden, excitation);
    }

    public static void Backward(
        IKernels kernels, ReadOnlyTensor pooled, ReadOnlyTensor hidden, ReadOnlyTensor excitation,
        ReadOnlyTensor reduceWeight, ReadOnlyTensor expandWeight, Tensor excitationGradient, Tensor hiddenGradient,
        Tensor pooledGradient, Tensor reduceWeightGradient, Tensor reduceBiasGradient, Tensor expandWeightGradient,
        Tensor expandBiasGradient)
    {
        kernels.ActivationBackward(excitation, ActivationKind.Sigmoid, excitationGradient);
        kernels.LinearBackwardWeight(hidden, excitationGradient, expandWeightGradient, expandBiasGradient);
        kernels.LinearBackwardData(excitationGradient, expandWeight, accumulate: false, hiddenGradient);
        kernels.ActivationBackward(hidden, ActivationKind.Relu, hiddenGradient);
        kernels.LinearBackwardWeight(pooled, hiddenGradient, reduceWeightGradient, reduceBiasGradient);
        kernels.LinearBackwardData(hiddenGradient, reduceWeight, accumulate: false, pooledGradient);
    }

    private static void TwoLayers(
        IKernels kernels, ReadOnlyTensor pooled, ReadOnlyTensor reduceWeight, ReadOnlyTensor reduceBias,
        ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor hidden, Tensor excitation)
    {
        kernels.LinearForward(pooled, reduceWeight, reduceBias, ActivationKind.Relu, hidden);
        kernels.LinearForward(hidden, expandWeight, expandBias, ActivationKind.Sigmoid, excitation);
    }
}
