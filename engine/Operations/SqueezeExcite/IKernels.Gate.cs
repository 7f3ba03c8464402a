namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// Squeeze-excite's scale: excitation = sigmoid(hidden * transpose(w2) + b2), hidden = relu(pooled * transpose(w1)
    /// + b1), pooled = the means over each picture's pixels.
    /// </summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="reduceWeight">w1, [hidden, C]</param>
    /// <param name="reduceBias">b1, [hidden]</param>
    /// <param name="expandWeight">w2, [C, hidden]</param>
    /// <param name="expandBias">b2, [C]</param>
    /// <param name="pooled">[N, C]</param>
    /// <param name="hidden">[N, hidden]</param>
    /// <param name="excitation">[N, C]</param>
    void PooledGateForward(
        ReadOnlyTensor input, ReadOnlyTensor reduceWeight, ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight,
        ReadOnlyTensor expandBias, Tensor pooled, Tensor hidden, Tensor excitation) =>
        GateComposition.PooledForward(
            this, input, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden, excitation);

    /// <summary>
    /// As <see cref="PooledGateForward"/>, of pictures that are normalized and never written: pooled = scale *
    /// pictureMean + shift.
    /// </summary>
    /// <param name="pictureMean">[N, C], means over each picture's pixels before the normalization.</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="reduceWeight">w1, [hidden, C]</param>
    /// <param name="reduceBias">b1, [hidden]</param>
    /// <param name="expandWeight">w2, [C, hidden]</param>
    /// <param name="expandBias">b2, [C]</param>
    /// <param name="pooled">[N, C]</param>
    /// <param name="hidden">[N, hidden]</param>
    /// <param name="excitation">[N, C]</param>
    void NormalizedGateForward(
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation) =>
        GateComposition.NormalizedForward(
            this, pictureMean, normalization, reduceWeight, reduceBias, expandWeight, expandBias, pooled, hidden,
            excitation);

    /// <summary>
    /// <see cref="AbnApply"/> and <see cref="PooledGateForward"/> of its output in one pass over the pixels.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="slope">Slope for negative values.</param>
    /// <param name="output">y, [N, H, W, C]; may lie in x's memory.</param>
    /// <param name="reduceWeight">w1, [hidden, C]</param>
    /// <param name="reduceBias">b1, [hidden]</param>
    /// <param name="expandWeight">w2, [C, hidden]</param>
    /// <param name="expandBias">b2, [C]</param>
    /// <param name="pooled">[N, C]</param>
    /// <param name="hidden">[N, hidden]</param>
    /// <param name="excitation">[N, C]</param>
    void AbnApplyGateForward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor reduceBias, ReadOnlyTensor expandWeight, ReadOnlyTensor expandBias, Tensor pooled,
        Tensor hidden, Tensor excitation) =>
        GateComposition.AppliedForward(
            this, input, normalization, slope, output, reduceWeight, reduceBias, expandWeight, expandBias, pooled,
            hidden, excitation);

    /// <summary>Backward of all three: gradients of the parameters and of the pooled values.</summary>
    /// <param name="pooled">[N, C]</param>
    /// <param name="hidden">[N, hidden]</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="reduceWeight">w1, [hidden, C]</param>
    /// <param name="expandWeight">w2, [C, hidden]</param>
    /// <param name="excitationGradient">[N, C]; becomes the gradient before the sigmoid.</param>
    /// <param name="hiddenGradient">[N, hidden], the gradient before the ReLU.</param>
    /// <param name="pooledGradient">[N, C]</param>
    /// <param name="reduceWeightGradient">[hidden, C]</param>
    /// <param name="reduceBiasGradient">[hidden]</param>
    /// <param name="expandWeightGradient">[C, hidden]</param>
    /// <param name="expandBiasGradient">[C]</param>
    [Reads(nameof(excitationGradient))]
    void GateBackward(
        ReadOnlyTensor pooled, ReadOnlyTensor hidden, ReadOnlyTensor excitation, ReadOnlyTensor reduceWeight,
        ReadOnlyTensor expandWeight, Tensor excitationGradient, Tensor hiddenGradient, Tensor pooledGradient,
        Tensor reduceWeightGradient, Tensor reduceBiasGradient, Tensor expandWeightGradient,
        Tensor expandBiasGradient) =>
        GateComposition.Backward(
            this, pooled, hidden, excitation, reduceWeight, expandWeight, excitationGradient, hiddenGradient,
            pooledGradient, reduceWeightGradient, reduceBiasGradient, expandWeightGradient, expandBiasGradient);
}
