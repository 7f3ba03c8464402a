namespace Flixstock.Engine;

// Activated batch norm over the pictures of several processes: what AbnStatistics and the backward passes do in one
// call is cut where sums over all pixels are known, so that an IStatisticsReducer can merge them.
// "Moments" are a [processes, 3, C] tensor:
//   row 0 number of pixels, row 1 mean less the origin, row 2 sum of squared deviations from the process's own mean.
// The origin is the running mean, which all processes share: measured from it, means are small and keep their digits.
// "Sums" are a [2, C] tensor: sum of d, sum of d * xhat, both divided by the number of pixels of all processes.
public partial interface IKernels
{
    /// <summary>First half of <see cref="AbnStatistics"/>: the moments of this process's x.</summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="origin">[C], from where the mean is measured: the running mean.</param>
    /// <param name="moments">[3, C], or this process's part of more.</param>
    /// <param name="pictureMean">[N, C], mean of x over each picture's pixels, or <see cref="Tensor.None"/>.</param>
    void AbnMoments(ReadOnlyTensor input, ReadOnlyTensor origin, Tensor moments, Tensor pictureMean);

    /// <summary>
    /// Second half: merges all processes' moments in their order, and from them makes the normalization and one step
    /// of the running statistics.
    /// </summary>
    /// <param name="moments">[processes, 3, C], more than one pixel in all.</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Added to the variance and to |weight|.</param>
    /// <param name="momentum">Share of the new value in the running statistics.</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="runningMean">[C], the moments' origin; updated in place.</param>
    /// <param name="runningVariance">[C], updated in place.</param>
    [Reads(nameof(runningMean), nameof(runningVariance))]
    void AbnMomentsNormalization(
        ReadOnlyTensor moments, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance);

    /// <summary>
    /// First half of <see cref="AbnBackward"/> with batch statistics: this process's sums, dweight and dbias.
    /// </summary>
    /// <param name="output">y, [N, H, W, C]</param>
    /// <param name="gradient">dy, [N, H, W, C]</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Added to |weight|.</param>
    /// <param name="slope">Slope for negative values, above 0.</param>
    /// <param name="moments">[processes, 3, C] of the forward pass, for the number of pixels.</param>
    /// <param name="sums">[2, C]</param>
    /// <param name="weightGradient">[C], of this process's pictures alone.</param>
    /// <param name="biasGradient">[C], of this process's pictures alone.</param>
    void AbnBackwardReduce(
        ReadOnlyTensor output, ReadOnlyTensor gradient, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient);

    /// <summary>Second half: dx = scale * (d - sums[0] - xhat * sums[1]).</summary>
    /// <param name="output">y, [N, H, W, C]</param>
    /// <param name="normalization">[4, C] of the forward pass.</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Added to |weight|.</param>
    /// <param name="slope">Slope for negative values, above 0.</param>
    /// <param name="sums">[2, C], added up over the processes.</param>
    /// <param name="gradient">In place: dy becomes dx.</param>
    [Reads(nameof(gradient))]
    void AbnBackwardApply(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor sums, Tensor gradient);

    /// <summary>
    /// First half of <see cref="IdentityAbnBackward"/> with batch statistics: this process's sums, dweight and dbias.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="gradient">dy, [N, H, W, C]</param>
    /// <param name="normalization">[4, C] of the forward pass.</param>
    /// <param name="weight">[C]</param>
    /// <param name="moments">[processes, 3, C] of the forward pass, for the number of pixels.</param>
    /// <param name="sums">[2, C]</param>
    /// <param name="weightGradient">[C], of this process's pictures alone.</param>
    /// <param name="biasGradient">[C], of this process's pictures alone.</param>
    void IdentityAbnBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient);

    /// <summary>
    /// First half of <see cref="AbnResidualReluBackward"/> with batch statistics: d over dy, sums, dweight and dbias.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="output">y, [N, H, W, C], or its <see cref="SignBits"/>.</param>
    /// <param name="normalization">[4, C] of the forward pass.</param>
    /// <param name="weight">[C]</param>
    /// <param name="moments">[processes, 3, C] of the forward pass, for the number of pixels.</param>
    /// <param name="gradient">In place: dy becomes d.</param>
    /// <param name="sums">[2, C]</param>
    /// <param name="weightGradient">[C], of this process's pictures alone.</param>
    /// <param name="biasGradient">[C], of this process's pictures alone.</param>
    [Reads(nameof(gradient))]
    void AbnResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor gradient, Tensor sums, Tensor weightGradient, Tensor biasGradient);

    /// <summary>Second half of both: dx = scale * (d - sums[0] - xhat * sums[1]).</summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="gradient">d, [N, H, W, C]</param>
    /// <param name="normalization">[4, C] of the forward pass.</param>
    /// <param name="sums">[2, C], added up over the processes.</param>
    /// <param name="inputGradient">dx, [N, H, W, C]; may lie in d's memory or in x's.</param>
    void IdentityAbnBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor sums,
        Tensor inputGradient);

    /// <summary>
    /// Between <see cref="AbnExciteResidualReluBackwardReduce"/> and <see cref="AbnExciteBackwardApply"/>, with batch
    /// statistics: this process's sums with da for d (see <see cref="AbnExciteResidualReluBackwardApply"/>), dweight
    /// and dbias.
    /// </summary>
    /// <param name="pictureSums">[2, N, C] of the first part.</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="pooledGradient">[N, C], gradient of the mean over pixels of scale * x + shift.</param>
    /// <param name="pictureMean">[N, C], mean of x over each picture's pixels.</param>
    /// <param name="normalization">[4, C] of the forward pass.</param>
    /// <param name="weight">[C]</param>
    /// <param name="moments">[processes, 3, C] of the forward pass, for the number of pixels.</param>
    /// <param name="sums">[2, C]</param>
    /// <param name="weightGradient">[C], of this process's pictures alone.</param>
    /// <param name="biasGradient">[C], of this process's pictures alone.</param>
    void AbnExciteBackwardSums(
        ReadOnlyTensor pictureSums, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient,
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor moments,
        Tensor sums, Tensor weightGradient, Tensor biasGradient);

    /// <summary>
    /// The last part: dx = scale * (da - sums[0] - xhat * sums[1]), da = d * excitation + pooledGradient / (H*W).
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="gradient">d, left as it is, [N, H, W, C]</param>
    /// <param name="normalization">[4, C] of the forward pass.</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="pooledGradient">[N, C]</param>
    /// <param name="sums">[2, C], added up over the processes.</param>
    /// <param name="inputGradient">dx, [N, H, W, C]; may lie in x's memory.</param>
    void AbnExciteBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor excitation,
        ReadOnlyTensor pooledGradient, ReadOnlyTensor sums, Tensor inputGradient);
}
