namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// y = (x - mean) / sqrt(variance + epsilon) * w + b, mean and biased variance over the last axis (Ba et al.,
    /// "Layer normalization", 2016). Float32 on every device.
    /// </summary>
    /// <param name="input">x, [..., D]</param>
    /// <param name="weight">w, [D]</param>
    /// <param name="bias">b, [D]</param>
    /// <param name="epsilon">Above 0.</param>
    /// <param name="statistics">
    /// [rows, 2] gets mean and 1 / sqrt(variance + epsilon) of each row, or <see cref="Tensor.None"/>.
    /// </param>
    /// <param name="output">y, of x's shape.</param>
    void LayerNormForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, Tensor statistics,
        Tensor output);

    /// <summary>The input's gradient of <see cref="LayerNormForward"/>.</summary>
    /// <param name="input">x, [..., D]</param>
    /// <param name="weight">w, [D]</param>
    /// <param name="statistics">[rows, 2], from the forward pass.</param>
    /// <param name="outputGradient">dy, of x's shape.</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">dx, of x's shape.</param>
    void LayerNormBackwardData(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient,
        bool accumulate, Tensor inputGradient);

    /// <summary>The gradients of weight and bias: sums over all rows, in a fixed order.</summary>
    /// <param name="input">x, [..., D]</param>
    /// <param name="statistics">[rows, 2], from the forward pass.</param>
    /// <param name="outputGradient">dy, of x's shape.</param>
    /// <param name="weightGradient">dw, [D]</param>
    /// <param name="biasGradient">db, [D]</param>
    void LayerNormBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor statistics, ReadOnlyTensor outputGradient, Tensor weightGradient,
        Tensor biasGradient);
}
