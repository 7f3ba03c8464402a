namespace Flixstock.Engine;

/// <summary>
/// Element-wise functions that are their own operation or a linear layer's last step. kernels/common.cuh names them by
/// the same numbers.
/// </summary>
public enum ActivationKind
{
    /// <summary>f(z) = z</summary>
    None,
    /// <summary>f(z) = max(z, 0), slope 0 at 0</summary>
    Relu,
    /// <summary>f(z) = 1 / (1 + exp(-z))</summary>
    Sigmoid,
}

/// <summary>The last case of every switch over <see cref="ActivationKind"/>.</summary>
internal static class UnknownActivation
{
    /// <summary>Refuses a value that is no function, before anything is computed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a function.</exception>
    public static void Refuse(ActivationKind activation)
    {
        if (!Enum.IsDefined(activation))
            throw Error(activation);
    }

    /// <summary>The exception for a value that a switch has no arm for.</summary>
    public static ArgumentOutOfRangeException Error(ActivationKind activation) => new(
        nameof(activation),
        activation,
        "unknown activation: a new one needs an arm in every kernel that takes activations");
}
