namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// y[n, j] = x[n, j / F] * w[j / F][:, j % F] + b[j]: a linear layer for each of G groups of outputs, with an input
    /// of its own. G * F outputs, of which those from K on are cut off.
    /// </summary>
    /// <param name="input">x, [N, G, D]</param>
    /// <param name="weight">w, [G, D, F]</param>
    /// <param name="bias">b, [K] or <see cref="ReadOnlyTensor.None"/></param>
    /// <param name="output">y, [N, K]</param>
    [Products(nameof(output), nameof(weight))]
    void GroupedLinearForward(ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, Tensor output);

    /// <summary>The input's gradient; 0 for groups whose outputs are all cut off.</summary>
    /// <param name="outputGradient">[N, K]</param>
    /// <param name="weight">[G, D, F]</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, G, D]</param>
    [Products(nameof(outputGradient), nameof(weight))]
    void GroupedLinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient);

    /// <summary>The gradients of weight and bias; 0 for weights whose outputs are cut off.</summary>
    /// <param name="input">[N, G, D]</param>
    /// <param name="outputGradient">[N, K]</param>
    /// <param name="weightGradient">[G, D, F]</param>
    /// <param name="biasGradient">[K] or <see cref="Tensor.None"/></param>
    [Products(nameof(outputGradient), nameof(weightGradient))]
    void GroupedLinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient);
}
