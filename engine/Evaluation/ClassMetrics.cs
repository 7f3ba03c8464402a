namespace Flixstock.Engine;

/// <summary>Metrics of one class, with unknown labels left out. Percent; NaN if a number does not exist.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Positives">Pictures in which it is known to be present.</param>
/// <param name="Negatives">Pictures in which it is known to be absent.</param>
/// <param name="Unknown">Number of the other pictures.</param>
/// <param name="AveragePrecision">AP; exists if there are both positives and negatives.</param>
/// <param name="Interval">95 % interval of the AP; unknown if it was not requested, or if labels are too few:
/// <see cref="NoInterval"/>.</param>
/// <param name="ReferenceAveragePrecision">The reference project's AP: unknown labels counted as negatives.</param>
/// <param name="Threshold">A score above it is a prediction, 0 to 1.</param>
/// <param name="F1">F1 at the threshold; exists if there are positives.</param>
/// <param name="BalancedAccuracy">At the threshold, the mean of the shares of positives and of negatives that are
/// correct; exists if there are both.</param>
/// <param name="CalibrationError">See <see cref="Engine.CalibrationError"/>.</param>
public sealed record ClassMetrics(
    string Name, int Positives, int Negatives, int Unknown, double AveragePrecision, Interval Interval,
    double ReferenceAveragePrecision, double Threshold, double F1, double BalancedAccuracy, double CalibrationError)
{
    /// <summary>
    /// Least number of known positives, and of known negatives, for an interval: resamples of fewer are all alike, or
    /// have none.
    /// </summary>
    public const int FewestForInterval = 5;

    /// <summary>Number of labels that the AP rests on: the rarer of known positives and negatives.</summary>
    public int Support => Math.Min(Positives, Negatives);

    /// <summary>
    /// Why an AP has no interval although resamples were drawn, such as <c>3 positives</c>; null if there are enough
    /// labels for one.
    /// </summary>
    public string? NoInterval => Interval.TooFew(Positives, Negatives);
}

/// <summary>A mean with its 95 % interval. Percent; NaN if it does not exist.</summary>
/// <param name="Value">The mean.</param>
/// <param name="Interval">The interval; unknown if it was not requested.</param>
public readonly record struct Estimate(double Value, Interval Interval)
{
    /// <summary>Number of known positives that it rests on.</summary>
    public long Positives { get; init; }

    /// <summary>Number of known negatives that it rests on.</summary>
    public long Negatives { get; init; }

    /// <summary>Same as <see cref="ClassMetrics.NoInterval"/>, for the mean.</summary>
    public string? NoInterval => Interval.TooFew(Positives, Negatives);
}

/// <summary>Average precision over annotated labels, in the three usual means.</summary>
/// <param name="Macro">Mean over the classes that have positives and negatives.</param>
/// <param name="Weighted">The mean weighted by the classes' positives (the reference project calls it
/// <c>map_macro</c>).</param>
/// <param name="Micro">All labels of all classes in one ranking.</param>
public sealed record AveragePrecisionMeans(Estimate Macro, Estimate Weighted, Estimate Micro);

/// <summary>Metrics over all classes. Percent; NaN if a number does not exist.</summary>
/// <param name="MacroF1">Mean over the classes that have positives.</param>
/// <param name="BalancedAccuracy">Mean over the classes that have positives and negatives.</param>
/// <param name="CalibrationError">The error of all known labels together.</param>
/// <param name="MeanCalibrationError">Mean over the classes that have known labels.</param>
public sealed record OverallMetrics(
    double MacroF1, double BalancedAccuracy, double CalibrationError, double MeanCalibrationError);
