namespace Flixstock.Engine;

/// <summary>
/// The interval in which the mean of paired differences probably lies: mean plus and minus Student's t times the
/// standard error.
/// </summary>
internal static class PairedInterval
{
    private const int Fewest = 3; // of two differences t is 12.7 times a deviation that two numbers hardly show

    // 97.5 % quantiles of Student's t with 1 to 30 degrees of freedom; beyond, two terms of the expansion about the
    // normal quantile (Abramowitz and Stegun, 26.7.5).
    private static readonly double[] Quantiles =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>The 95 % interval of the mean.</summary>
    /// <param name="differences">One difference for each pair; those that are not finite are left out.</param>
    /// <returns>Null with fewer than three pairs.</returns>
    public static Interval? Of(IReadOnlyList<double> differences)
    {
        var known = differences.Where(double.IsFinite).ToList();
        if (known.Count < Fewest)
            return null;
        var mean = known.Average();
        var error = Math.Sqrt(known.Sum(value => (value - mean) * (value - mean)) / (known.Count - 1) / known.Count);
        return new Interval(mean - (Quantile(known.Count - 1) * error), mean + (Quantile(known.Count - 1) * error));
    }

    private static double Quantile(int degrees)
    {
        const double z = 1.959964, first = (z * z * z + z) / 4,
            second = (5 * z * z * z * z * z + 16 * z * z * z + 3 * z) / 96;
        return degrees <= Quantiles.Length
            ? Quantiles[degrees - 1]
            : z + (first / degrees) + (second / degrees / degrees);
    }
}
