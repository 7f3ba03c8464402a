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
