namespace Flixstock.Bench;

/// <summary>Rounds of two programs in turn, so that a machine that others use too slows both alike.</summary>
internal static class Comparison
{
    /// <summary>Prints one row of a table: medians of images per second, and their ratio with its range over the rounds.</summary>
    /// <param name="name">The work.</param>
    /// <param name="rounds">How often each is run.</param>
    /// <param name="images">Images of a step.</param>
    /// <param name="ours">Seconds of each step of a round.</param>
    /// <param name="peer">Images per second of a round, or null where there is no peer.</param>
    public static void Print(string name, int rounds, int images, Func<double[]> ours, Func<double?> peer)
    {
        var (own, other, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            own.Add(images / Median(ours()));
            if (peer() is not { } measured)
                continue;
            other.Add(measured);
            ratios.Add(own[^1] / measured);
        }
        Console.WriteLine(other.Count == 0
            ? $"| {name} | {Median(own):F1} ({own.Min():F1} - {own.Max():F1}) | - | - |"
            : $"| {name} | {Median(own):F1} ({own.Min():F1} - {own.Max():F1}) | {Median(other):F1} ({other.Min():F1} - {other.Max():F1}) | {Median(ratios):F2} ({ratios.Min():F2} - {ratios.Max():F2}) |");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
