namespace Flixstock.Engine;

/// <summary>Constants of the asymmetric loss (Ridnik et al., "Asymmetric Loss For Multi-Label Classification", 2021).</summary>
/// <param name="GammaNegative">Focusing exponent of negatives.</param>
/// <param name="GammaPositive">Focusing exponent of positives.</param>
/// <param name="Clip">Probability margin of negatives: q = min(1 - p + clip, 1).</param>
/// <param name="Epsilon">Floor of the logarithms' arguments.</param>
/// <param name="FocusIsConstant">True: the focusing factor gets no gradient (the published default).</param>
public readonly record struct AsymmetricLossOptions(float GammaNegative = 4, float GammaPositive = 1, float Clip = 0.05f, float Epsilon = 1e-8f, bool FocusIsConstant = true)
{
    /// <summary>The published defaults (a default-constructed value has zeros everywhere).</summary>
    public static AsymmetricLossOptions Default => new(4);
}

public partial interface IKernels
{
    /// <summary>L = -sum A * (t * log(max(p, eps)) + (1 - t) * log(max(q, eps))) and its gradient by the logits.</summary>
    /// <param name="logits">[N, K]</param>
    /// <param name="labels">[N, K] Int8</param>
    /// <param name="options">Constants.</param>
    /// <param name="loss">[1], the sum over batch and classes.</param>
    /// <param name="gradient">[N, K]</param>
    void AsymmetricLoss(ReadOnlyTensor logits, ReadOnlyTensor labels, AsymmetricLossOptions options, Tensor loss, Tensor gradient);
}
