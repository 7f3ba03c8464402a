namespace Flixstock.Engine;

/// <summary>
/// The reference project's own precision, recall and F1, including its flaws: a predicted unknown label counts as a
/// true negative, one that is not
/// predicted as a false positive. For comparing with its printed lines only. Percent; NaN if nothing is predicted.
/// </summary>
/// <param name="Counts">Counts of each class.</param>
/// <param name="PrecisionPerClass">Mean over classes (P_C).</param>
/// <param name="RecallPerClass">Mean over classes (R_C).</param>
/// <param name="F1PerClass">Mean over classes (F_C).</param>
/// <param name="PrecisionOverall">Over all labels together (P_O).</param>
/// <param name="RecallOverall">Over all labels together (R_O).</param>
/// <param name="F1Overall">Over all labels together (F_O).</param>
public sealed record ReferenceMetrics(
    IReadOnlyList<ThresholdCounts> Counts, double PrecisionPerClass, double RecallPerClass, double F1PerClass,
    double PrecisionOverall, double RecallOverall, double F1Overall)
{
    /// <summary>The six numbers as the reference prints them, in the order P_C, R_C, F_C, P_O, R_O, F_O.</summary>
    public IReadOnlyList<string> Printed =>
        [.. new[] { PrecisionPerClass, RecallPerClass, F1PerClass, PrecisionOverall, RecallOverall, F1Overall }
            .Select(value => double.IsNaN(value) ? "nan" : value.ToString("F2"))];

    /// <summary>Counts as the reference does and divides in single precision wherever it does.</summary>
    /// <param name="scores">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="threshold">A score above it is a prediction.</param>
    public static ReferenceMetrics Compute(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, float threshold)
    {
        var counts = new ThresholdCounts[classes];
        for (var i = 0; i < scores.Length; i++)
        {
            var c = counts[i % classes];
            counts[i % classes] = (
                (scores[i] > threshold ? 1 : 0) + labels[i], (scores[i] > threshold ? 1 : 0) - labels[i]) switch
            {
                (2, _) => c with { TruePositives = c.TruePositives + 1 },
                (0, _) => c with { TrueNegatives = c.TrueNegatives + 1 },
                (_, 1) => c with { FalsePositives = c.FalsePositives + 1 },
                _ => c with { FalseNegatives = c.FalseNegatives + 1 },
            };
        }
        double[] precision = [.. counts.Select(c => Part(c.TruePositives, c.FalsePositives))];
        double[] recall = [.. counts.Select(c => Part(c.TruePositives, c.FalseNegatives))];
        var f1 = precision.Zip(recall, (p, r) => p > 0 ? 2 * p * r / (p + r) : 0);
        var (tp, fp, fn) =
            (counts.Sum(c => c.TruePositives), counts.Sum(c => c.FalsePositives), counts.Sum(c => c.FalseNegatives));
        var (overall, found) = ((float)tp / (tp + fp) * 100, (float)tp / (tp + fn) * 100);
        return new ReferenceMetrics(
            counts, precision.Average(), recall.Average(), f1.Average(), overall, found,
            2 * overall * found / (overall + found));
    }

    private static double Part(int right, int wrong) => right > 0 ? (double)((float)right / (right + wrong)) * 100 : 0;
}
