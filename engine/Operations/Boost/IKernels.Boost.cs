namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// y = factor * x where x is above 0, else x (Kim et al., "Bridging the gap between model explanations in partially
    /// annotated multi-label classification", 2023); y may lie in x's memory.
    /// </summary>
    /// <param name="input">x</param>
    /// <param name="factor">Above 0.</param>
    /// <param name="output">y</param>
    void BoostForward(ReadOnlyTensor input, float factor, Tensor output);

    /// <summary>In place: dy becomes factor * dy where y is above 0.</summary>
    /// <param name="output">y, from the forward pass.</param>
    /// <param name="factor">As in the forward pass.</param>
    /// <param name="gradient">dy, becomes dx.</param>
    [Reads(nameof(gradient))]
    void BoostBackward(ReadOnlyTensor output, float factor, Tensor gradient);
}
