namespace Flixstock.Engine;

/// <summary>The metrics of every class and their means, with intervals.</summary>
internal static class ClassEvaluation
{
    /// <summary>All classes.</summary>
    /// <param name="scores">[N, classes] probabilities.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="names">[classes] names.</param>
    /// <param name="at">Counts at the threshold.</param>
    /// <param name="referenceAp">[classes], 0 to 1.</param>
    /// <param name="options">Thresholds and resamples.</param>
    public static (ClassMetrics[] Classes, AveragePrecisionMeans Means) Compute(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, IReadOnlyList<string> names, ThresholdMetrics at,
        double[] referenceAp, EvaluationOptions options)
    {
        var pictures = scores.Length / names.Count;
        var ranked = new RankedLabels[names.Count];
        for (var k = 0; k < ranked.Length; k++)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            ranked[k] = RankedLabels.Of(scores, labels, names.Count, k);
        }
        var all = RankedLabels.OfAll(scores, labels, names.Count);
        int[] positives = [.. ranked.Select(labels => labels.Positives)];
        var estimates = new double[ranked.Length + 3];
        Fill(ranked, all, [], estimates);
        var intervals = options.Resamples == 0
            ? [.. estimates.Select(_ => Interval.Unknown)]
            : Bootstrap.Intervals(
                pictures, options.Resamples, options.Seed, estimates,
                (weights, values) => Fill(ranked, all, weights, values), options.Cancellation);
        var classes = new ClassMetrics[names.Count];
        for (var k = 0; k < classes.Length; k++)
        {
            options.Cancellation.ThrowIfCancellationRequested();
            var c = at.Counts[k];
            classes[k] = new ClassMetrics(
                names[k], positives[k], ranked[k].Count - positives[k], pictures - ranked[k].Count,
                100 * estimates[k], Percent(intervals[k], positives[k], ranked[k].Count - positives[k]),
                100 * referenceAp[k], options.Thresholds?[k] ?? options.Threshold,
                positives[k] == 0
                    ? double.NaN
                    : PrecisionRecall.Of(c.TruePositives, c.FalsePositives, c.FalseNegatives).F1,
                50 * ((double)c.TruePositives / positives[k]
                    + (double)c.TrueNegatives / (ranked[k].Count - positives[k])),
                100 * CalibrationError.OfClass(scores, labels, names.Count, k));
        }
        Estimate Mean(int index, long there, long absent) =>
            new(100 * estimates[ranked.Length + index], Percent(intervals[ranked.Length + index], there, absent))
            {
                Positives = there,
                Negatives = absent,
            };
        var counted = ranked.Where(labels => labels.Positives > 0 && labels.Positives < labels.Count).ToList();
        var (known, found) = (counted.Sum(labels => (long)labels.Count), counted.Sum(labels => (long)labels.Positives));
        return (classes, new AveragePrecisionMeans(
            Mean(0, found, known - found), Mean(1, found, known - found),
            Mean(2, all.Positives, all.Count - all.Positives)));
    }

    /// <summary>Means over the classes for which a number exists.</summary>
    public static OverallMetrics Overall(
        IReadOnlyList<ClassMetrics> classes, ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        double Mean(Func<ClassMetrics, double> number) =>
            classes.Select(number).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
        return new OverallMetrics(
            Mean(c => c.F1), Mean(c => c.BalancedAccuracy), 100 * CalibrationError.Overall(scores, labels),
            Mean(c => c.CalibrationError));
    }

    // AP of every class, then their mean, the mean weighted by positives, and the AP of all labels together.
    private static void Fill(RankedLabels[] ranked, RankedLabels all, ReadOnlySpan<int> weights, double[] values)
    {
        var (sum, count, weighted, positives) = (0.0, 0, 0.0, 0.0);
        for (var k = 0; k < ranked.Length; k++)
        {
            values[k] = ranked[k].AveragePrecision(weights);
            if (double.IsNaN(values[k]))
                continue;
            sum += values[k];
            count++;
            weighted += values[k] * ranked[k].Positives;
            positives += ranked[k].Positives;
        }
        values[ranked.Length] = count == 0 ? double.NaN : sum / count;
        values[ranked.Length + 1] = count == 0 ? double.NaN : weighted / positives;
        values[ranked.Length + 2] = all.AveragePrecision(weights);
    }

    // An interval of few labels would claim a certainty that does not exist: resamples of one positive are all alike.
    private static Interval Percent(Interval interval, long positives, long negatives) =>
        Interval.TooFew(positives, negatives) is null ? new(100 * interval.Low, 100 * interval.High) : Interval.Unknown;
}
