namespace Flixstock.Engine;

/// <summary>The measure that decides which weights are better.</summary>
public enum SelectionMeasure
{
    /// <summary>The metric that was named, if it can be computed: <see cref="TrainerOptions.BestBy"/>.</summary>
    Named,
    /// <summary>Validation mAP over annotated labels.</summary>
    MeanAp,
    /// <summary>Validation loss, if no class has both known positives and known negatives.</summary>
    ValidationLoss,
    /// <summary>Nothing: no validation label is known, and the last epoch is taken as the best.</summary>
    LastEpoch,
}

/// <summary>
/// How good weights are on the validation pictures. A number that cannot be computed is NaN and never better than one
/// that can.
/// </summary>
/// <param name="MeanAp">mAP over annotated labels, 0 to 1.</param>
/// <param name="ValidationLoss">See <see cref="Engine.ValidationLoss"/>.</param>
public readonly record struct ModelScore(double MeanAp, double ValidationLoss)
{
    /// <summary>
    /// The metric that was named instead of mAP, larger if better (a loss with a minus); NaN if none was, or if it
    /// cannot be computed.
    /// </summary>
    public double Named { get; init; } = double.NaN;

    /// <summary>Nothing was measured.</summary>
    public static ModelScore None => new(double.NaN, double.NaN);

    /// <summary>The measure by which these weights are judged.</summary>
    public SelectionMeasure Measure => double.IsFinite(Named) ? SelectionMeasure.Named
        : double.IsFinite(MeanAp) ? SelectionMeasure.MeanAp
        : double.IsFinite(ValidationLoss) ? SelectionMeasure.ValidationLoss : SelectionMeasure.LastEpoch;

    /// <summary>
    /// True if these weights are better: by the metric that was named, by mAP if neither has that, or by validation
    /// loss if neither has that; false if nothing can be
    /// compared or they are equally good.
    /// </summary>
    public bool Beats(ModelScore other)
    {
        if (Measure != other.Measure)
            return Measure < other.Measure;
        return Measure switch
        {
            SelectionMeasure.Named => Named > other.Named,
            SelectionMeasure.MeanAp => MeanAp > other.MeanAp,
            SelectionMeasure.ValidationLoss => ValidationLoss < other.ValidationLoss,
            _ => false,
        };
    }
}
