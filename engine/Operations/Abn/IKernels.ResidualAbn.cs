namespace Flixstock.Engine;

// The end of a residual block in one pass: identity ABN, (squeeze-excite's scale,) the residual, ReLU.
// The residual is either an activation or, in blocks that downsample, a convolution's output with its own identity ABN
// (residualNormalization), applied on the fly.
public partial interface IKernels
{
    /// <summary>Bottleneck: y = relu(scale * x + shift + r), r = residual or its ABN.</summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="residual">[N, H, W, C]</param>
    /// <param name="residualNormalization">[4, C], or <see cref="ReadOnlyTensor.None"/> if the residual is added as it
    /// is.</param>
    /// <param name="output">[N, H, W, C]</param>
    /// <param name="signs">
    /// Where y is above 0, for the backward pass: <see cref="SignBits"/>; or <see cref="Tensor.None"/>.
    /// </param>
    void AbnResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs);

    /// <summary>
    /// Backward of <see cref="AbnResidualRelu"/>: d = y above 0 ? dy : 0 is the residual's gradient (after its ABN, if
    /// it has one) and goes over dy; x's gradient, dweight and dbias follow from d as in
    /// <see cref="IdentityAbnBackward"/>.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="output">y, [N, H, W, C], or its <see cref="SignBits"/>.</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="weight">[C]</param>
    /// <param name="batchStatistics">True if the normalization came from the batch (training).</param>
    /// <param name="gradient">In place: dy becomes d.</param>
    /// <param name="inputGradient">[N, H, W, C]; may lie in x's memory.</param>
    /// <param name="weightGradient">[C]</param>
    /// <param name="biasGradient">[C]</param>
    [Reads(nameof(gradient))]
    [TwoPasses(nameof(input), nameof(gradient))]
    void AbnResidualReluBackward(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        bool batchStatistics, Tensor gradient, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient);

    /// <summary>Basic block: y = relu((scale * x + shift) * excitation + r), r = residual or its ABN.</summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="residual">[N, H, W, C]</param>
    /// <param name="residualNormalization">[4, C], or <see cref="ReadOnlyTensor.None"/>.</param>
    /// <param name="output">[N, H, W, C]</param>
    /// <param name="signs">As in <see cref="AbnResidualRelu"/>.</param>
    void AbnExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor excitation, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs);

    /// <summary>
    /// First half of the backward of <see cref="AbnExciteResidualRelu"/>: d = y above 0 ? dy : 0 over dy, and per
    /// picture sums[0] = sum d, sums[1] = sum d * xhat, excitationGradient = sum d * (scale * x + shift) over its
    /// pixels.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="output">y, [N, H, W, C], or its <see cref="SignBits"/>.</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="gradient">In place: dy becomes d, which is also the residual's gradient.</param>
    /// <param name="sums">[2, N, C]</param>
    /// <param name="excitationGradient">[N, C]</param>
    [Reads(nameof(gradient))]
    void AbnExciteResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, Tensor gradient, Tensor sums,
        Tensor excitationGradient);

    /// <summary>
    /// Second half: with a = scale * x + shift, da = d * excitation + pooledGradient / (H*W), and from da the gradients
    /// of the ABN: dbias = sum da, S = sum da * xhat (both from <paramref name="sums"/> and
    /// <paramref name="pictureMean"/>, no pass over pixels), then dx.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="gradient">d, left as it is, [N, H, W, C]</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="weight">[C]</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="pooledGradient">[N, C], gradient of the mean over pixels of a.</param>
    /// <param name="pictureMean">[N, C], mean of x over each picture's pixels.</param>
    /// <param name="sums">[2, N, C], from the first half.</param>
    /// <param name="batchStatistics">True if the normalization came from the batch (training).</param>
    /// <param name="inputGradient">[N, H, W, C]; may lie in x's memory.</param>
    /// <param name="weightGradient">[C]</param>
    /// <param name="biasGradient">[C]</param>
    void AbnExciteResidualReluBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean, ReadOnlyTensor sums,
        bool batchStatistics, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient);

    /// <summary>
    /// Inference, ABN folded into the convolution before: y = relu(x * excitation + residual); y may lie in x's memory.
    /// </summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="residual">[N, H, W, C]</param>
    /// <param name="output">[N, H, W, C]</param>
    void ExciteResidualRelu(ReadOnlyTensor input, ReadOnlyTensor excitation, ReadOnlyTensor residual, Tensor output);
}
