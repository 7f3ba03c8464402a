namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>y[n,p,q,k] = sum over r,s,c of x[n, p*stride+r-padding, q*stride+s-padding, c] * w[k,r,s,c].</summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="weight">[K, R, S, C]</param>
    /// <param name="geometry">Stride and padding.</param>
    /// <param name="output">[N, P, Q, K]</param>
    [Products(nameof(output), nameof(weight))]
    void ConvolutionForward(ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output);

    /// <summary>The input's gradient of <see cref="ConvolutionForward"/>.</summary>
    /// <param name="outputGradient">[N, P, Q, K]</param>
    /// <param name="weight">[K, R, S, C]</param>
    /// <param name="geometry">Stride and padding.</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, H, W, C]</param>
    [Products(nameof(outputGradient), nameof(weight))]
    void ConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate,
        Tensor inputGradient);

    /// <summary>The weight's gradient of <see cref="ConvolutionForward"/>.</summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="outputGradient">[N, P, Q, K]</param>
    /// <param name="geometry">Stride and padding.</param>
    /// <param name="weightGradient">[K, R, S, C]</param>
    [Products(nameof(outputGradient), nameof(weightGradient))]
    void ConvolutionBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient);

    /// <summary>
    /// Inference: y = f(convolution(x, w) + bias + residual), f(z) = z if z is not negative, otherwise slope * z
    /// (slope 1: nothing, 0: ReLU, else leaky ReLU).
    /// </summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="weight">[K, R, S, C]</param>
    /// <param name="bias">[K]</param>
    /// <param name="residual">[N, P, Q, K] or <see cref="ReadOnlyTensor.None"/></param>
    /// <param name="geometry">Stride and padding.</param>
    /// <param name="slope">Slope for negative values.</param>
    /// <param name="output">[N, P, Q, K]</param>
    [Products(nameof(output), nameof(weight))]
    void ConvolutionFolded(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ReadOnlyTensor residual,
        ConvolutionGeometry geometry, float slope, Tensor output);

    /// <summary>
    /// Says that a weight of <see cref="ConvolutionFolded"/> or <see cref="LinearForward"/> will stay as it is until
    /// <see cref="ReleaseWeight"/>, so that a device may keep it in the order it reads fastest. Results are the same
    /// without.
    /// </summary>
    /// <param name="weight">[K, R, S, C] or [O, I]</param>
    void KeepWeight(ReadOnlyTensor weight) { }

    /// <summary>Ends what <see cref="KeepWeight"/> began; before the weight's memory is freed or written.</summary>
    /// <param name="weight">[K, R, S, C] or [O, I]</param>
    void ReleaseWeight(ReadOnlyTensor weight) { }

    /// <summary>
    /// <see cref="ConvolutionBackwardWeight"/> next to what is queued after it, where the device has room for both: the
    /// gradient is there, and the operands may be overwritten, after <see cref="JoinAside"/>. One at a time.
    /// </summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="outputGradient">[N, P, Q, K]</param>
    /// <param name="geometry">Stride and padding.</param>
    /// <param name="weightGradient">[K, R, S, C]</param>
    [Products(nameof(outputGradient), nameof(weightGradient))]
    void ConvolutionBackwardWeightAside(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient) =>
        ConvolutionBackwardWeight(input, outputGradient, geometry, weightGradient);

    /// <summary>What is queued from here on waits for the weight gradient that is computed aside.</summary>
    void JoinAside()
    {
    }
}
