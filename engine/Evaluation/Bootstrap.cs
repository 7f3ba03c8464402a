namespace Flixstock.Engine;

/// <summary>
/// The interval in which a number would probably lie on other pictures of the same kind; NaN if it cannot be
/// determined.
/// </summary>
/// <param name="Low">2.5 % of the resamples are below it.</param>
/// <param name="High">Upper end: 2.5 % are above it.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>Nothing is known.</summary>
    public static Interval Unknown => new(double.NaN, double.NaN);

    /// <summary>
    /// The labels that are too few for an interval, such as <c>3 positives</c>; null if there are enough of both.
    /// </summary>
    internal static string? TooFew(long positives, long negatives) => (positives, negatives) switch
    {
        ( < ClassMetrics.FewestForInterval, _) => Text(positives, "positive"),
        (_, < ClassMetrics.FewestForInterval) => Text(negatives, "negative"),
        _ => null,
    };

    private static string Text(long count, string kind) => $"{count} {kind}{(count == 1 ? "" : "s")}";
}

/// <summary>
/// Intervals by resampling pictures with replacement (Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979).
/// Copies of a picture tie, which raises average precision a little in every resample; the percentiles are therefore
/// shifted so that the resamples' mean is the estimate itself.
/// </summary>
internal static class Bootstrap
{
    private const double Tail = 0.025;
    private const int FewestResamples = 20; // fewer say nothing about 2.5 %

    /// <summary>Intervals of several numbers.</summary>
    /// <param name="pictures">Number of pictures.</param>
    /// <param name="resamples">Number of times to draw this many pictures anew.</param>
    /// <param name="seed">Decides what is drawn; the result does not depend on the number of threads.</param>
    /// <param name="estimates">The numbers over all pictures once.</param>
    /// <param name="compute">Computes the numbers from how often each picture was drawn; called on several
    /// threads.</param>
    /// <param name="cancellation">Stops between resamples.</param>
    public static Interval[] Intervals(
        int pictures, int resamples, ulong seed, double[] estimates, Action<int[], double[]> compute,
        CancellationToken cancellation = default)
    {
        var results = new double[resamples][];
        var random = new SeededRandom(seed);
        Parallel.For(
            0, resamples, new ParallelOptions { CancellationToken = cancellation }, () => new int[pictures],
            (number, _, weights) =>
            {
                Draw(random.Derive((ulong)number), weights);
                compute(weights, results[number] = new double[estimates.Length]);
                return weights;
            }, _ => { });
        return [.. estimates.Select(
            (estimate, i) => Of(estimate, [.. results.Select(result => result[i]).Where(double.IsFinite)]))];
    }

    private static void Draw(SeededRandom random, int[] weights)
    {
        Array.Clear(weights);
        for (var i = 0; i < weights.Length; i++)
            weights[random.Next(weights.Length)]++;
    }

    private static Interval Of(double estimate, double[] values)
    {
        if (double.IsNaN(estimate) || values.Length < FewestResamples)
            return Interval.Unknown;
        Array.Sort(values);
        var shift = estimate - values.Average();
        // If almost all resamples are alike, the mean can lie beyond a percentile.
        return new Interval(
            Math.Clamp(Percentile(values, Tail) + shift, 0, estimate),
            Math.Clamp(Percentile(values, 1 - Tail) + shift, estimate, 1));
    }

    private static double Percentile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 == sorted.Length
            ? sorted[below]
            : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }
}
