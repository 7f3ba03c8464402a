namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>y = f(x * transpose(w) + b).</summary>
    /// <param name="input">[N, I]</param>
    /// <param name="weight">[O, I]</param>
    /// <param name="bias">[O] or <see cref="ReadOnlyTensor.None"/></param>
    /// <param name="activation">The function f.</param>
    /// <param name="output">[N, O]</param>
    [Products(nameof(output), nameof(weight))]
    void LinearForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ActivationKind activation, Tensor output);

    /// <summary>The input's gradient of x * transpose(w): dx = dy * w.</summary>
    /// <param name="outputGradient">[N, O], already multiplied with f'.</param>
    /// <param name="weight">[O, I]</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, I]</param>
    [Products(nameof(outputGradient), nameof(weight))]
    void LinearBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, bool accumulate, Tensor inputGradient);

    /// <summary>dw = transpose(dy) * x, db = column sums of dy.</summary>
    /// <param name="input">[N, I]</param>
    /// <param name="outputGradient">[N, O], already multiplied with f'.</param>
    /// <param name="weightGradient">[O, I]</param>
    /// <param name="biasGradient">[O] or <see cref="Tensor.None"/></param>
    [Products(nameof(outputGradient), nameof(weightGradient))]
    void LinearBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor weightGradient, Tensor biasGradient);
}
