namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>y = f(x); y may lie in x's memory.</summary>
    void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output);

    /// <summary>In place: dy becomes dy * f', with f' taken from the output y.</summary>
    /// <param name="output">y, from the forward pass.</param>
    /// <param name="activation">f</param>
    /// <param name="gradient">dy, becomes dx.</param>
    [Reads(nameof(gradient))]
    void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient);
}
