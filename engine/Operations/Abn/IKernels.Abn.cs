namespace Flixstock.Engine;

// Activated batch norm (Rota Bulo, Porzi, Kontschieder, "In-Place Activated BatchNorm", 2018), with the published
// implementation's constants: gamma = |weight| + eps, xhat = (x - mean) * inverseDeviation, z = gamma * xhat + bias, y
// = z >= 0 ? z : slope * z.
// A "normalization" is a [4, C] tensor made once per forward pass that everything after it reads, whichever mode it is:
// row 0 mean, row 1 inverse deviation 1 / sqrt(variance + eps), row 2 scale = gamma * inverse deviation, row 3 shift =
// bias - mean * scale,
// so that z = scale * x + shift.
public partial interface IKernels
{
    /// <summary>
    /// Training: batch statistics of x, the normalization from them, and one step of the running statistics.
    /// </summary>
    /// <remarks>
    /// running = (1 - momentum) * running + momentum * batch, with the unbiased variance (divisor pixels - 1).
    /// </remarks>
    /// <param name="input">[N, H, W, C], more than one pixel in all.</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Added to the variance and to |weight|.</param>
    /// <param name="momentum">Share of the new value in the running statistics.</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="runningMean">[C], updated in place.</param>
    /// <param name="runningVariance">[C], updated in place.</param>
    /// <param name="pictureMean">[N, C], mean of x over each picture's pixels, or <see cref="Tensor.None"/>.</param>
    void AbnStatistics(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance, Tensor pictureMean);

    /// <summary>
    /// Training: a convolution, then <see cref="AbnStatistics"/> of its output. A device may add up the output while it
    /// computes it.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="filter">The convolution's weight, [K, R, S, C].</param>
    /// <param name="geometry">The convolution's stride and padding.</param>
    /// <param name="output">y, [N, P, Q, K], more than one pixel in all.</param>
    /// <param name="weight">The ABN's weight, [K].</param>
    /// <param name="bias">[K]</param>
    /// <param name="epsilon">Added to the variance and to |weight|.</param>
    /// <param name="momentum">Share of the new value in the running statistics.</param>
    /// <param name="normalization">[4, K]</param>
    /// <param name="runningMean">[K], updated in place.</param>
    /// <param name="runningVariance">[K], updated in place.</param>
    [Products(nameof(output), nameof(filter))]
    void AbnConvolutionStatistics(
        ReadOnlyTensor input, ReadOnlyTensor filter, ConvolutionGeometry geometry, Tensor output,
        ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum, Tensor normalization,
        Tensor runningMean, Tensor runningVariance)
    {
        ConvolutionForward(input, filter, geometry, output);
        AbnStatistics(
            output, weight, bias, epsilon, momentum, normalization, runningMean, runningVariance, Tensor.None);
    }

    /// <summary>
    /// Training: the normalization, and one step of the running statistics, from sums over the pixels of x: the mean is
    /// sum x / pixels, the variance sum x^2 / pixels - mean^2, at least 0.
    /// </summary>
    /// <remarks>
    /// Where the mean is r deviations from 0, the variance loses the digits of r^2: for activations of 16 bits, which
    /// have lost them before.
    /// </remarks>
    /// <param name="sums">[2, C]: sum of x, sum of x^2.</param>
    /// <param name="pixels">Number of pixels of all pictures, more than one.</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Added to the variance and to |weight|.</param>
    /// <param name="momentum">Share of the new value in the running statistics.</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="runningMean">[C], updated in place.</param>
    /// <param name="runningVariance">[C], updated in place.</param>
    [Reads(nameof(runningMean), nameof(runningVariance))]
    void AbnSumsNormalization(
        ReadOnlyTensor sums, long pixels, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance);

    /// <summary>Inference: the normalization from running statistics.</summary>
    /// <param name="runningMean">[C]</param>
    /// <param name="runningVariance">[C]</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Added to the variance and to |weight|.</param>
    /// <param name="normalization">[4, C]</param>
    void AbnRunningStatistics(
        ReadOnlyTensor runningMean, ReadOnlyTensor runningVariance, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, Tensor normalization);

    /// <summary>
    /// y = leaky(scale * x + shift); y may lie in x's memory. Slope 1 is the identity. x may also be [N, C], a
    /// picture's means.
    /// </summary>
    /// <param name="input">[N, H, W, C] or [N, C]</param>
    /// <param name="normalization">[4, C]</param>
    /// <param name="slope">Slope for negative values.</param>
    /// <param name="output">Same shape as the input.</param>
    void AbnApply(ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output);

    /// <summary>
    /// Backward of leaky ABN from its output alone: z = y >= 0 ? y : y / slope, d = y >= 0 ? dy : slope * dy, xhat = (z
    /// - bias) / gamma; dbias = sum d, S = sum d * xhat, dweight = weight less than 0 ? -S : S; dx = scale * (d -
    /// dbias/M - xhat * S/M) with M pixels, or scale * d with running statistics.
    /// </summary>
    /// <param name="output">y, [N, H, W, C]</param>
    /// <param name="normalization">[4, C], from the forward pass.</param>
    /// <param name="weight">[C]</param>
    /// <param name="bias">[C]</param>
    /// <param name="epsilon">Epsilon that the forward pass added to |weight|.</param>
    /// <param name="slope">Slope for negative values, above 0.</param>
    /// <param name="batchStatistics">True if the normalization came from the batch (training).</param>
    /// <param name="gradient">In place: dy becomes dx.</param>
    /// <param name="weightGradient">[C]</param>
    /// <param name="biasGradient">[C]</param>
    [Reads(nameof(gradient))]
    [TwoPasses(nameof(output), nameof(gradient))]
    void AbnBackward(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, bool batchStatistics, Tensor gradient, Tensor weightGradient,
        Tensor biasGradient);

    /// <summary>
    /// Backward of identity ABN from its input, never inverting it: same as <see cref="AbnBackward"/>, with d = dy and
    /// xhat from x.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="normalization">[4, C], from the forward pass.</param>
    /// <param name="weight">[C]</param>
    /// <param name="batchStatistics">True if the normalization came from the batch (training).</param>
    /// <param name="gradient">In place: dy becomes dx.</param>
    /// <param name="weightGradient">[C]</param>
    /// <param name="biasGradient">[C]</param>
    [Reads(nameof(gradient))]
    [TwoPasses(nameof(input), nameof(gradient))]
    void IdentityAbnBackward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics,
        Tensor gradient, Tensor weightGradient, Tensor biasGradient);
}
