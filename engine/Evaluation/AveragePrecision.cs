namespace Flixstock.Engine;

/// <summary>Average precision with unknown labels left out.</summary>
/// <param name="Ap">Per class, 0 to 1; -1 for a class without positives, negatives or labels.</param>
/// <param name="Map">Mean over the other classes, percent; NaN if there are none.</param>
/// <param name="Weighted">The mean weighted by the classes' positives, percent.</param>
/// <param name="WithoutLabels">Number of classes without any known label.</param>
/// <param name="WithoutPositives">Number of classes with negatives only.</param>
/// <param name="WithoutNegatives">Number of classes with positives only.</param>
public sealed record PartialAveragePrecision(
    IReadOnlyList<double> Ap, double Map, double Weighted, int WithoutLabels, int WithoutPositives,
    int WithoutNegatives);

/// <summary>Average precision per class and its means.</summary>
internal static class AveragePrecision
{
    /// <summary>
    /// Sum over the positives of the precision at their rank / (positives + 1e-8); 0 without positives. Labels below 1
    /// are negatives. Ties in the scores rank the higher index first, as the reference's sort does for few pictures.
    /// </summary>
    public static double Ap(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels)
    {
        var order = new int[scores.Length];
        var keys = scores.ToArray();
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[b].CompareTo(keys[a]) : b.CompareTo(a));
        var (positives, sum) = (0, 0.0);
        for (var rank = 0; rank < order.Length; rank++)
        {
            if (labels[order[rank]] == 1)
                sum += ++positives / (rank + 1.0);
        }
        return sum / (positives + 1e-8);
    }

    /// <summary>
    /// The reference project's AP per class: unknown labels count as negatives, and classes without positives have an
    /// AP of 0.
    /// </summary>
    /// <param name="scores">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="cancellation">Stops between classes.</param>
    public static double[] UnknownAsNegative(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, CancellationToken cancellation = default)
    {
        var result = new double[classes];
        for (var k = 0; k < classes; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            result[k] = Ap(Column(scores, k, classes), Column(labels, k, classes));
        }
        return result;
    }

    /// <summary>
    /// AP over annotated labels only; for tied scores, the expected AP over all their orders, so that the order of the
    /// pictures does not matter.
    /// </summary>
    /// <param name="scores">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="cancellation">Stops between classes.</param>
    public static PartialAveragePrecision Annotated(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, CancellationToken cancellation = default)
    {
        var ap = new double[classes];
        var positives = new int[classes];
        var (withoutLabels, withoutPositives, withoutNegatives) = (0, 0, 0);
        for (var k = 0; k < classes; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            var known = RankedLabels.Of(scores, labels, classes, k);
            positives[k] = known.Positives;
            ap[k] = positives[k] > 0 && positives[k] < known.Count ? known.AveragePrecision() : -1;
            if (known.Count == 0)
                withoutLabels++;
            else if (positives[k] == 0)
                withoutPositives++;
            else if (positives[k] == known.Count)
                withoutNegatives++;
        }
        var valid = Enumerable.Range(0, classes).Where(k => ap[k] >= 0).ToList();
        var map = valid.Count == 0 ? double.NaN : 100 * valid.Average(k => ap[k]);
        var weighted = 100 * valid.Sum(k => ap[k] * positives[k]) / valid.Sum(k => positives[k]);
        return new PartialAveragePrecision(ap, map, weighted, withoutLabels, withoutPositives, withoutNegatives);
    }

    private static T[] Column<T>(ReadOnlySpan<T> values, int column, int columns)
    {
        var result = new T[values.Length / columns];
        for (var i = 0; i < result.Length; i++)
            result[i] = values[i * columns + column];
        return result;
    }
}
