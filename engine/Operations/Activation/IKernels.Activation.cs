namespace Flixstock.Engine;

/// <summary>Element-wise functions that are their own operation or a linear layer's last step.</summary>
public enum ActivationKind
{
    /// <summary>f(z) = z</summary>
    None,
    /// <summary>f(z) = max(z, 0), slope 0 at 0</summary>
    Relu,
    /// <summary>f(z) = 1 / (1 + exp(-z))</summary>
    Sigmoid,
}

public partial interface IKernels
{
    /// <summary>y = f(x); y may lie in x's memory.</summary>
    void ActivationForward(ReadOnlyTensor input, ActivationKind activation, Tensor output);

    /// <summary>In place: dy becomes dy * f', with f' taken from the output y.</summary>
    /// <param name="output">y of the forward pass.</param>
    /// <param name="activation">f</param>
    /// <param name="gradient">dy, becomes dx.</param>
    void ActivationBackward(ReadOnlyTensor output, ActivationKind activation, Tensor gradient);
}
