using System.Globalization;

namespace Flixstock.Engine;

/// <summary>The validation metric by which the best epoch, and plain or averaged weights, are chosen.</summary>
public enum SelectionMetric
{
    /// <summary>Mean of the classes' average precision over annotated labels.</summary>
    MeanAp,

    /// <summary>The same mean, weighted by the classes' known positives.</summary>
    WeightedMap,

    /// <summary>Average precision of all known labels in one ranking.</summary>
    MicroAp,

    /// <summary>Mean of the classes' F1 at the standard threshold.</summary>
    MacroF1,

    /// <summary>F1 of all known labels at the standard threshold.</summary>
    MicroF1,

    /// <summary>Mean of the classes' balanced accuracy.</summary>
    BalancedAccuracy,

    /// <summary>The loss of the validation pictures; the least is the best.</summary>
    ValidationLoss,
}

/// <summary>Values of the metrics.</summary>
internal static class SelectionMetrics
{
    /// <summary>The name that people read.</summary>
    public static string NameOf(SelectionMetric metric) => metric switch
    {
        SelectionMetric.MeanAp => "mAP",
        SelectionMetric.WeightedMap => "weighted mAP",
        SelectionMetric.MicroAp => "micro-AP",
        SelectionMetric.MacroF1 => "macro-F1",
        SelectionMetric.MicroF1 => "micro-F1",
        SelectionMetric.BalancedAccuracy => "balanced accuracy",
        _ => "validation loss",
    };

    /// <summary>A value as people read it: percent, or a loss.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="value">What <see cref="Of"/> gave.</param>
    public static string Text(SelectionMetric metric, double value) => metric == SelectionMetric.ValidationLoss
        ? (-value).ToString("0.000", CultureInfo.InvariantCulture)
        : value.ToString("P2", CultureInfo.InvariantCulture);

    /// <summary>
    /// The value of a metric, larger if better: 0 to 1, of a loss with a minus. NaN if it cannot be computed, and for
    /// <see cref="SelectionMetric.MeanAp"/>, which decides without being named.
    /// </summary>
    public static double Of(SelectionMetric metric, EvaluationReport report, double loss) => metric switch
    {
        SelectionMetric.MeanAp => double.NaN,
        SelectionMetric.WeightedMap => report.Means!.Weighted.Value / 100,
        SelectionMetric.MicroAp => report.Means!.Micro.Value / 100,
        SelectionMetric.MacroF1 => report.Overall!.MacroF1 / 100,
        SelectionMetric.MicroF1 => report.AtThreshold.Micro.F1 / 100,
        SelectionMetric.BalancedAccuracy => report.Overall!.BalancedAccuracy / 100,
        _ => -loss,
    };
}
