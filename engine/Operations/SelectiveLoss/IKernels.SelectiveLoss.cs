namespace Flixstock.Engine;

/// <summary>How un-annotated labels are treated.</summary>
public enum PartialLossMode
{
    /// <summary>As negatives with their own gamma and alpha.</summary>
    None,
    /// <summary>Same as <see cref="None"/>; the reference project has both names.</summary>
    Negative,
    /// <summary>Not at all.</summary>
    Ignore,
    /// <summary>Not at all; annotated terms weigh 1 + 1 / (1 + number annotated in the picture).</summary>
    IgnoreNormalizeClasses,
    /// <summary>
    /// As negatives, except in classes whose prior is above the threshold and for the batch's most likely ones.
    /// </summary>
    Selective,
}

/// <summary>
/// Constants of the class-aware selective loss (Ben-Baruch et al., "Multi-label Classification with Partial Annotations
/// using Class-aware Selective Loss", 2022).
/// </summary>
/// <param name="Mode">How un-annotated labels are treated.</param>
/// <param name="GammaPositive">Focusing exponent of positives.</param>
/// <param name="GammaNegative">Focusing exponent of annotated negatives.</param>
/// <param name="GammaUnannotated">Focusing exponent of un-annotated labels.</param>
/// <param name="AlphaPositive">Weight of positive labels.</param>
/// <param name="AlphaNegative">Weight of annotated negatives.</param>
/// <param name="AlphaUnannotated">Weight of un-annotated labels.</param>
/// <param name="Clip">Probability margin: q = min(1 - p + clip, 1).</param>
/// <param name="LikelihoodTopK">
/// Selective: the topK * batch most likely un-annotated labels of the batch are left out.
/// </param>
/// <param name="PriorThreshold">
/// Selective: classes with a prior above it are left out; 0 switches the prior off.
/// </param>
public readonly record struct SelectiveLossOptions(
    PartialLossMode Mode = PartialLossMode.Selective,
    float GammaPositive = 0, float GammaNegative = 1, float GammaUnannotated = 4,
    float AlphaPositive = 1, float AlphaNegative = 1, float AlphaUnannotated = 1,
    float Clip = 0, int LikelihoodTopK = 3, float PriorThreshold = 0.5f)
{
    /// <summary>The defaults of training (a default-constructed value has zeros everywhere).</summary>
    public static SelectiveLossOptions Default => new(PartialLossMode.Selective);
}

public partial interface IKernels
{
    /// <summary>
    /// L = -sum w * alpha * A * log(max(p or q, 1e-8)) and its gradient by the logits, in one pass; A, the focusing
    /// factor, is a constant for the gradient. Top-k ranks un-annotated logits of the whole batch, highest first, ties
    /// by lower flat index.
    /// </summary>
    /// <param name="logits">[N, K]</param>
    /// <param name="labels">[N, K] Int8: 1, 0, -1 unknown</param>
    /// <param name="prior">[K] or <see cref="ReadOnlyTensor.None"/></param>
    /// <param name="options">Modes and constants of the loss.</param>
    /// <param name="loss">[1], the sum over batch and classes.</param>
    /// <param name="gradient">[N, K]</param>
    /// <param name="weights">[N, K], w, or <see cref="Tensor.None"/></param>
    void SelectiveLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor prior, SelectiveLossOptions options, Tensor loss,
        Tensor gradient, Tensor weights);
}
