namespace Flixstock.Engine;

/// <summary>Measures how similar two orders are.</summary>
internal static class RankCorrelation
{
    /// <summary>
    /// Spearman's rho: the correlation of ranks, ties at their mean rank. -1 to 1; NaN if one side is constant or there
    /// are fewer than two values.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Spearman(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"{a.Length} and {b.Length} values cannot be compared", nameof(b));
        var (ranksA, ranksB) = (Ranks(a), Ranks(b));
        var mean = (a.Length - 1) / 2.0;
        var (covariance, varianceA, varianceB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < ranksA.Length; i++)
        {
            var (x, y) = (ranksA[i] - mean, ranksB[i] - mean);
            covariance += x * y;
            varianceA += x * x;
            varianceB += y * y;
        }
        return covariance / Math.Sqrt(varianceA * varianceB);
    }

    private static double[] Ranks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = Enumerable.Range(0, sorted.Length).ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (var first = 0; first < sorted.Length;)
        {
            var end = first + 1;
            while (end < sorted.Length && sorted[end] == sorted[first])
                end++;
            for (var i = first; i < end; i++)
                ranks[order[i]] = (first + end - 1) / 2.0;
            first = end;
        }
        return ranks;
    }
}
