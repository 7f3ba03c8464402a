using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// What one drawn picture shows (always a class) and the labels in its row (-1 if the label is withheld), in the order
/// neck, sleeve, pattern.
/// </summary>
internal sealed record GarmentLabels(int[] Drawn, int[] Written);

/// <summary>
/// Deals out labels in the proportions of the published task's training part (1,422 pictures), rounded by largest
/// remainder so that a data set of any size has exactly these marginals. Unknown pictures show classes in the same
/// proportions.
/// </summary>
internal static class LabelPlan
{
    /// <summary>Labelled pictures per class, then the unknown ones, for neck, sleeve length and pattern.</summary>
    public static IReadOnlyList<int[]> Published { get; } =
    [
        [69, 92, 78, 70, 99, 82, 651, 281],
        [79, 86, 94, 870, 293],
        [16, 23, 19, 25, 28, 25, 27, 19, 21, 926, 293],
    ];

    public static GarmentLabels[] Deal(int count, SeededRandom random)
    {
        var drawn = new int[Published.Count][];
        var written = new int[Published.Count][];
        for (var attribute = 0; attribute < Published.Count; attribute++)
        {
            var name = attribute.ToString(CultureInfo.InvariantCulture);
            (drawn[attribute], written[attribute]) = DealAttribute(
                Published[attribute], count, random.Derive("labels " + name));
        }
        return [.. Enumerable.Range(0, count).Select(i => new GarmentLabels(
            [.. drawn.Select(column => column[i])], [.. written.Select(column => column[i])]))];
    }

    /// <summary>
    /// <paramref name="total"/> in the proportions of the weights: rounded down, then one more each for the largest
    /// remainders (the first on ties).
    /// </summary>
    public static int[] Apportion(ReadOnlySpan<int> weights, int total)
    {
        long sum = 0;
        foreach (var weight in weights)
            sum += weight;
        var shares = new int[weights.Length];
        var remainders = new long[weights.Length];
        var left = total;
        for (var i = 0; i < weights.Length; i++)
        {
            (var share, remainders[i]) = Math.DivRem((long)weights[i] * total, sum);
            shares[i] = (int)share;
            left -= shares[i];
        }
        foreach (var i in Enumerable.Range(0, shares.Length).OrderByDescending(i => remainders[i]).Take(left))
            shares[i]++;
        return shares;
    }

    private static (int[] Drawn, int[] Written) DealAttribute(int[] published, int count, SeededRandom random)
    {
        var classes = published.Length - 1;
        var shares = Apportion(published, count);
        var hidden = Apportion(published.AsSpan(0, classes), shares[classes]);
        var cells = new List<(int Drawn, int Written)>(count);
        for (var label = 0; label < classes; label++)
        {
            cells.AddRange(Enumerable.Repeat((label, label), shares[label]));
            cells.AddRange(Enumerable.Repeat((label, -1), hidden[label]));
        }
        var shuffled = cells.ToArray();
        random.Shuffle(shuffled.AsSpan());
        return ([.. shuffled.Select(cell => cell.Drawn)], [.. shuffled.Select(cell => cell.Written)]);
    }
}
