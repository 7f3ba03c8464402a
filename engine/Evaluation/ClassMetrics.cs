namespace Flixstock.Engine;

/// <summary>One class, unknown labels left out. Percent; NaN where it does not exist.</summary>
/// <param name="Name">The class.</param>
/// <param name="Positives">Pictures where it is known to be there.</param>
/// <param name="Negatives">Pictures where it is known not to be there.</param>
/// <param name="Unknown">The other pictures.</param>
/// <param name="AveragePrecision">AP; exists where there are positives and negatives.</param>
/// <param name="Interval">95 % interval of the AP; unknown where it was not asked for, or where labels are too few: <see cref="NoInterval"/>.</param>
/// <param name="ReferenceAveragePrecision">The reference project's AP: unknown labels counted as negatives.</param>
/// <param name="Threshold">A score above it is a prediction, 0 to 1.</param>
/// <param name="F1">At the threshold; exists where there are positives.</param>
/// <param name="BalancedAccuracy">At the threshold, the mean of the shares of positives and of negatives that are right; exists where there are both.</param>
/// <param name="CalibrationError">See <see cref="Engine.CalibrationError"/>.</param>
public sealed record ClassMetrics(
    string Name, int Positives, int Negatives, int Unknown, double AveragePrecision, Interval Interval, double ReferenceAveragePrecision,
    double Threshold, double F1, double BalancedAccuracy, double CalibrationError)
{
    /// <summary>Known positives, and as many known negatives, that an interval takes: resamples of fewer are all alike, or have none.</summary>
    public const int FewestForInterval = 5;

    /// <summary>What the AP rests on: the rarer of known positives and negatives.</summary>
    public int Support => Math.Min(Positives, Negatives);

    /// <summary>Why an AP has no interval although resamples were drawn, as <c>3 positives</c>; null where labels are not too few for one.</summary>
    public string? NoInterval => Interval.TooFew(Positives, Negatives);
}

/// <summary>A mean with its 95 % interval. Percent; NaN where it does not exist.</summary>
/// <param name="Value">The number.</param>
/// <param name="Interval">Unknown where it was not asked for.</param>
public readonly record struct Estimate(double Value, Interval Interval)
{
    /// <summary>Known positives behind it.</summary>
    public long Positives { get; init; }

    /// <summary>Known negatives behind it.</summary>
    public long Negatives { get; init; }

    /// <summary>As <see cref="ClassMetrics.NoInterval"/>.</summary>
    public string? NoInterval => Interval.TooFew(Positives, Negatives);
}

/// <summary>Average precision over annotated labels, in the three usual means.</summary>
/// <param name="Macro">Mean over the classes that have positives and negatives.</param>
/// <param name="Weighted">The same weighted by the classes' positives (the reference project calls it <c>map_macro</c>).</param>
/// <param name="Micro">All labels of all classes in one ranking.</param>
public sealed record AveragePrecisionMeans(Estimate Macro, Estimate Weighted, Estimate Micro);

/// <summary>Numbers over all classes. Percent; NaN where they do not exist.</summary>
/// <param name="MacroF1">Mean over the classes that have positives.</param>
/// <param name="BalancedAccuracy">Mean over the classes that have positives and negatives.</param>
/// <param name="CalibrationError">Of all known labels together.</param>
/// <param name="MeanCalibrationError">Mean over the classes that have known labels.</param>
public sealed record OverallMetrics(double MacroF1, double BalancedAccuracy, double CalibrationError, double MeanCalibrationError);
