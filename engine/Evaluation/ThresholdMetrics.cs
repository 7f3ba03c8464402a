namespace Flixstock.Engine;

/// <summary>Counts of one class's labels at the threshold.</summary>
/// <param name="TruePositives">Predicted and positive.</param>
/// <param name="FalsePositives">Predicted but negative.</param>
/// <param name="FalseNegatives">Positive but not predicted.</param>
/// <param name="TrueNegatives">Negative and not predicted.</param>
public readonly record struct ThresholdCounts(
    int TruePositives, int FalsePositives, int FalseNegatives, int TrueNegatives);

/// <summary>Precision, recall and F1 in percent.</summary>
/// <param name="Precision">Share of the predicted labels that are positive; 0 if none is predicted.</param>
/// <param name="Recall">Share of the positive labels that are predicted; 0 if none is positive.</param>
/// <param name="F1">Harmonic mean of precision and recall.</param>
public readonly record struct PrecisionRecall(double Precision, double Recall, double F1)
{
    /// <summary>The values if no label is known to be positive: none of the three is defined.</summary>
    public static PrecisionRecall None => new(double.NaN, double.NaN, double.NaN);

    /// <summary>Computes the three from counts.</summary>
    public static PrecisionRecall Of(long truePositives, long falsePositives, long falseNegatives) => truePositives == 0
        ? default
        : new(
            100.0 * truePositives / (truePositives + falsePositives),
            100.0 * truePositives / (truePositives + falseNegatives),
            200.0 * truePositives / (2 * truePositives + falsePositives + falseNegatives));
}

/// <summary>Precision, recall and F1 at a threshold, unknown labels left out.</summary>
/// <param name="Threshold">A score above it is a prediction.</param>
/// <param name="Counts">Counts of each class.</param>
/// <param name="Macro">Mean of the classes that occur in the annotated labels; NaN if none does.</param>
/// <param name="Micro">Over all labels together; NaN if none is known to be positive.</param>
public sealed record ThresholdMetrics(
    double Threshold, IReadOnlyList<ThresholdCounts> Counts, PrecisionRecall Macro, PrecisionRecall Micro)
{
    /// <summary>Counts and means.</summary>
    /// <param name="scores">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="threshold">A score above it is a prediction.</param>
    public static ThresholdMetrics Compute(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, float threshold) =>
        Compute(scores, labels, [.. Enumerable.Repeat(threshold, classes)]) with { Threshold = threshold };

    /// <summary>Counts and means with a threshold for each class; <see cref="Threshold"/> is their mean then.</summary>
    /// <param name="scores">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="thresholds">[classes] a score above it is a prediction.</param>
    public static ThresholdMetrics Compute(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, IReadOnlyList<float> thresholds)
    {
        var classes = thresholds.Count;
        var counts = new ThresholdCounts[classes];
        for (var i = 0; i < scores.Length; i++)
        {
            var c = counts[i % classes];
            counts[i % classes] = (labels[i], scores[i] > thresholds[i % classes]) switch
            {
                (1, true) => c with { TruePositives = c.TruePositives + 1 },
                (1, false) => c with { FalseNegatives = c.FalseNegatives + 1 },
                (0, true) => c with { FalsePositives = c.FalsePositives + 1 },
                (0, false) => c with { TrueNegatives = c.TrueNegatives + 1 },
                _ => c,
            };
        }
        var perClass = counts.Where(c => c.TruePositives + c.FalseNegatives > 0).Select(c => PrecisionRecall.Of(
            c.TruePositives, c.FalsePositives, c.FalseNegatives)).DefaultIfEmpty(PrecisionRecall.None).ToList();
        var macro = new PrecisionRecall(
            perClass.Average(m => m.Precision), perClass.Average(m => m.Recall), perClass.Average(m => m.F1));
        var micro = counts.Any(c => c.TruePositives + c.FalseNegatives > 0)
            ? PrecisionRecall.Of(
                counts.Sum(c => (long)c.TruePositives), counts.Sum(c => (long)c.FalsePositives),
                counts.Sum(c => (long)c.FalseNegatives))
            : PrecisionRecall.None;
        return new ThresholdMetrics(thresholds.Average(), counts, macro, micro);
    }
}
