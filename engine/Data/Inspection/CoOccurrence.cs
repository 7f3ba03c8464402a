namespace Flixstock.Engine;

/// <summary>Two classes that are positive in the same pictures.</summary>
/// <param name="First">The rarer class.</param>
/// <param name="Second">The other one.</param>
/// <param name="Together">Pictures in which both are positive.</param>
/// <param name="Share">
/// Of the first class' positives with a known label of the second, the share that have it; 0 to 1.
/// </param>
/// <param name="Lift">That share by the second class' share among its known labels: 1 is chance.</param>
internal sealed record ClassPair(int First, int Second, int Together, double Share, double Lift);

/// <summary>In how many pictures classes are positive together. Unknown labels count for nothing.</summary>
/// <param name="Classes">The classes, in the order of rows and columns.</param>
/// <param name="Together">
/// [n, n] pictures in which both are positive; on the diagonal all positives of the class.
/// </param>
/// <param name="Known">[n, n] positives of the row's class in which the column's class is known.</param>
/// <param name="Shares">[n] positives of a class among its known labels, 0 to 1.</param>
internal sealed record CoOccurrence(
    IReadOnlyList<int> Classes, int[,] Together, int[,] Known, IReadOnlyList<double> Shares)
{
    private const int FewestTogether = 5;

    /// <summary>Counts the classes of some pictures.</summary>
    /// <param name="data">The pictures.</param>
    /// <param name="most">Largest number of classes; of more the commonest.</param>
    /// <param name="cancellation">Stops between pictures.</param>
    public static CoOccurrence Of(ImageDataset data, int most, CancellationToken cancellation = default)
    {
        var counts = PartSummary.Of("", data, cancellation).Classes;
        int[] shown =
            [.. Enumerable.Range(0, counts.Count).OrderByDescending(k => counts[k].Positive).Take(most).Order()];
        var places = new Dictionary<int, int>(shown.Select((k, place) => KeyValuePair.Create(k, place)));
        var (together, known) = (new int[shown.Length, shown.Length], new int[shown.Length, shown.Length]);
        foreach (var sample in data.Samples)
        {
            cancellation.ThrowIfCancellationRequested();
            var labels = sample.Labels.Known().Where(one => places.ContainsKey(one.Class))
                .Select(one => (Place: places[one.Class], IsPositive: one.Label == 1)).ToList();
            foreach (var (row, _) in labels.Where(one => one.IsPositive))
            {
                foreach (var (column, isPositive) in labels)
                {
                    known[row, column]++;
                    together[row, column] += isPositive ? 1 : 0;
                }
            }
        }
        return new CoOccurrence(shown, together, known, [.. shown.Select(k =>
            (double)counts[k].Positive / Math.Max(1, counts[k].Positive + counts[k].Negative))]);
    }

    /// <summary>Pairs that are together more often, or less often, than chance; the farthest from it first.</summary>
    /// <param name="most">Largest number of pairs.</param>
    public IReadOnlyList<ClassPair> Pairs(int most) => [.. All().Take(most)];

    private IEnumerable<ClassPair> All() =>
        from first in Enumerable.Range(0, Classes.Count)
        from second in Enumerable.Range(0, Classes.Count)
        where first != second && Together[first, first] <= Together[second, second]
            && (Together[first, first] < Together[second, second] || first < second)
            && Together[first, second] >= FewestTogether && Shares[second] > 0
        let share = (double)Together[first, second] / Known[first, second]
        let pair = new ClassPair(
            Classes[first], Classes[second], Together[first, second], share, share / Shares[second])
        orderby Math.Abs(Math.Log(pair.Lift)) descending, pair.Together descending
        select pair;
}
