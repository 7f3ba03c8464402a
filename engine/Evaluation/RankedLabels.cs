namespace Flixstock.Engine;

/// <summary>
/// Known labels in the order of their scores, highest first, for average precision over the pictures or over any
/// resampling of them. If scores tie, every order of the tied ones is as good as another: the precision is the expected
/// one over all orders, so that the order of the pictures does not matter.
/// </summary>
internal sealed class RankedLabels
{
    private const double Smallest = 1e-8; // the reference's guard against classes without positives
    private readonly int[] _pictures, _groupEnds;
    private readonly bool[] _there;

    private RankedLabels(int[] pictures, bool[] there, int[] groupEnds)
    {
        (_pictures, _there, _groupEnds) = (pictures, there, groupEnds);
        Positives = there.Count(value => value);
    }

    /// <summary>Known labels.</summary>
    public int Count => _there.Length;

    /// <summary>Number of labels that are positive.</summary>
    public int Positives { get; }

    /// <summary>The ranked labels of one class.</summary>
    /// <param name="scores">[N, classes]</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="column">Index of the class.</param>
    public static RankedLabels Of(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, int column) =>
        From(scores, labels, classes, column, step: classes);

    /// <summary>The ranked labels of all classes together.</summary>
    public static RankedLabels OfAll(ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes) =>
        From(scores, labels, classes, first: 0, step: 1);

    /// <summary>AP, 0 to 1; NaN unless there are both positives and negatives.</summary>
    public double AveragePrecision() => AveragePrecision([]);

    /// <summary>AP with a weight for every picture.</summary>
    /// <param name="weights">[N] how often each picture counts, or empty: once each.</param>
    public double AveragePrecision(ReadOnlySpan<int> weights)
    {
        var (rank, found, sum) = (0L, 0L, 0.0);
        for (int group = 0, at = 0; group < _groupEnds.Length; group++)
        {
            var (count, positives) = (0, 0);
            for (; at < _groupEnds[group]; at++)
            {
                var weight = weights.IsEmpty ? 1 : weights[_pictures[at]];
                count += weight;
                positives += _there[at] ? weight : 0;
            }
            sum += Expected(count, positives, rank, found);
            rank += count;
            found += positives;
        }
        return found == 0 || found == rank ? double.NaN : sum / (found + Smallest);
    }

    // Sum over the positives of a tied group of the precision at their rank, expected over all orders: at place j a
    // positive stands with probability positives / count, and (j - 1) (positives - 1) / (count - 1) of the other
    // positives before it.
    private static double Expected(int count, int positives, long rank, long found)
    {
        if (positives == 0)
            return 0;
        if (count == 1)
            return (found + 1.0) / (rank + 1);
        var sum = 0.0;
        for (var j = 0; j < count; j++)
            sum += (found + 1 + ((double)j * (positives - 1) / (count - 1))) / (rank + j + 1);
        return sum * positives / count;
    }

    private static RankedLabels From(
        ReadOnlySpan<float> scores, ReadOnlySpan<sbyte> labels, int classes, int first, int step)
    {
        var keys = new List<float>();
        var places = new List<int>();
        for (var i = first; i < labels.Length; i += step)
        {
            if (labels[i] < 0)
                continue;
            keys.Add(-scores[i]); // highest first
            places.Add(i);
        }
        var (sorted, order) = (keys.ToArray(), places.ToArray());
        Array.Sort(sorted, order);
        var ends = new List<int>();
        for (var i = 1; i <= sorted.Length; i++)
        {
            if (i == sorted.Length || sorted[i] != sorted[i - 1])
                ends.Add(i);
        }
        var there = new bool[order.Length];
        for (var i = 0; i < order.Length; i++)
            there[i] = labels[order[i]] == 1;
        return new RankedLabels(Array.ConvertAll(order, place => place / classes), there, [.. ends]);
    }
}
