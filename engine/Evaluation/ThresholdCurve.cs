namespace Flixstock.Engine;

/// <summary>What is predicted with every score down to one of them.</summary>
/// <param name="Score">The lowest score that is a prediction here, 0 to 1.</param>
/// <param name="TruePositives">Known positives among the predictions.</param>
/// <param name="FalsePositives">Known negatives among the predictions.</param>
internal readonly record struct ThresholdPoint(float Score, int TruePositives, int FalsePositives);

/// <summary>
/// Precision, recall and F1 at every threshold that makes a difference. Unknown labels never count. Equal scores are
/// predicted together, so that the order of the pictures does not matter. F1 is 2 tp / (2 tp + fp + fn) (van
/// Rijsbergen, "Information Retrieval", 1979).
/// </summary>
internal sealed class ThresholdCurve
{
    private ThresholdCurve(IReadOnlyList<ThresholdPoint> points)
    {
        Points = points;
        if (points.Count > 0)
            (Positives, Negatives) = (points[^1].TruePositives, points[^1].FalsePositives);
    }

    /// <summary>A point for every distinct score, highest first; empty if nothing is known.</summary>
    public IReadOnlyList<ThresholdPoint> Points { get; }

    /// <summary>Known positives.</summary>
    public int Positives { get; }

    /// <summary>Known negatives.</summary>
    public int Negatives { get; }

    /// <summary>The curve of one class.</summary>
    /// <param name="scores">[N, classes] probabilities, 0 to 1.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="column">Index of the class.</param>
    public static ThresholdCurve OfClass(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, int column) =>
        Of(scores, labels, column, classes);

    /// <summary>The curve of all labels of all classes together (micro).</summary>
    /// <param name="scores">[N, classes] probabilities, 0 to 1.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    public static ThresholdCurve OfAll(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels) =>
        Of(scores, labels, first: 0, step: 1);

    /// <summary>Share of the predictions that are positive, 0 to 1.</summary>
    public static double Precision(ThresholdPoint point) =>
        (double)point.TruePositives / (point.TruePositives + point.FalsePositives);

    /// <summary>Share of the known positives that are predicted, 0 to 1; NaN if there are none.</summary>
    public double Recall(ThresholdPoint point) => (double)point.TruePositives / Positives;

    /// <summary>F1 if every score above a threshold is a prediction, 0 to 1; NaN if no label is positive.</summary>
    /// <param name="threshold">The threshold, 0 to 1.</param>
    public double F1At(double threshold)
    {
        if (Positives == 0)
            return double.NaN;
        var (low, high) = (0, Points.Count); // the number of points above the threshold lies between
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Points[middle].Score > threshold)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return 0;
        var point = Points[low - 1];
        return 2.0 * point.TruePositives / (point.TruePositives + point.FalsePositives + Positives);
    }

    private static ThresholdCurve Of(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int first, int step)
    {
        var known = new List<(float Score, bool There)>();
        for (var i = first; i < labels.Length; i += step)
        {
            if (labels[i] >= 0)
                known.Add((scores[i], labels[i] == 1));
        }
        known.Sort((a, b) => b.Score.CompareTo(a.Score));
        var points = new List<ThresholdPoint>();
        var (found, wrong) = (0, 0);
        for (var i = 0; i < known.Count; i++)
        {
            found += known[i].There ? 1 : 0;
            wrong += known[i].There ? 0 : 1;
            if (i + 1 == known.Count || known[i + 1].Score != known[i].Score)
                points.Add(new ThresholdPoint(known[i].Score, found, wrong));
        }
        return new ThresholdCurve(points);
    }
}
