namespace Flixstock.Engine;

/// <summary>
/// How many augmented copies each training picture gets so that rare classes become less rare: the reference's rule,
/// with correct counts in cases that its own script miscounts (docs/decisions/balancing.md).
/// </summary>
internal static class Balancing
{
    /// <summary>Pictures per class of each group; the last entry of a group counts its unknowns.</summary>
    public static int[][] Count(AttributeTable table, IEnumerable<int[]> rows)
    {
        var counts = table.Groups.Select(group => new int[group.Classes + 1]).ToArray();
        foreach (var classes in rows)
            Add(counts, classes, 1);
        return counts;
    }

    /// <summary>Adds a row some times to such counts.</summary>
    public static void Add(int[][] counts, int[] classes, int times)
    {
        for (var group = 0; group < counts.Length; group++)
            counts[group][classes[group] < 0 ? ^1 : classes[group]] += times;
    }

    /// <summary>
    /// Weight per class: the commonest class's count over the class's own; 0 for unknown and for classes that never
    /// occur.
    /// </summary>
    public static double[][] Weights(int[][] counts) => [.. counts.Select(WeightsOf)];

    /// <summary>Sum of a picture's weights over its groups.</summary>
    public static double WeightSum(double[][] weights, int[] classes)
    {
        var sum = 0.0;
        for (var group = 0; group < classes.Length; group++)
            sum += Weight(weights, classes, group);
        return sum;
    }

    /// <summary>
    /// Augmented copies of a picture: 39, 29 or 19 for a sum of at least 20, 15 or 5, if two thirds of its attributes
    /// are not of the commonest class.
    /// </summary>
    public static int Copies(double[][] weights, int[] classes)
    {
        var uncommon = 0;
        for (var group = 0; group < classes.Length; group++)
        {
            if (Weight(weights, classes, group) != 1)
                uncommon++; // unknown has weight 0 and is taken as not common
        }
        if (uncommon * 3 < classes.Length * 2)
            return 0;
        return WeightSum(weights, classes) switch
        {
            >= 20 => 39,
            >= 15 => 29,
            >= 5 => 19,
            _ => 0,
        };
    }

    private static double Weight(double[][] weights, int[] classes, int group) =>
        weights[group][classes[group] < 0 ? ^1 : classes[group]];

    private static double[] WeightsOf(int[] counts)
    {
        var most = counts.AsSpan(0, counts.Length - 1).ToArray().Max();
        var weights = new double[counts.Length];
        for (var index = 0; index < counts.Length - 1; index++)
            weights[index] = counts[index] == 0 ? 0 : (double)most / counts[index];
        return weights;
    }
}
