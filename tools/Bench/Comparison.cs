namespace Flixstock.Bench;

/// <summary>Another program that does the same work.</summary>
/// <param name="Name">As the table's header names it.</param>
/// <param name="Rate">Images per second of a round, or null where it does not do this work.</param>
internal sealed record Peer(string Name, Func<double?> Rate);

/// <summary>Rounds of all programs in turn, so that a machine that others use too slows them alike.</summary>
internal static class Comparison
{
    /// <summary>Prints the table's head: two columns for each peer.</summary>
    public static void PrintHeader(IEnumerable<string> peers)
    {
        var names = peers.ToList();
        Console.WriteLine($"| work | ours, images/s |{string.Concat(names.Select(name => $" {name}, images/s | ratio |"))}");
        Console.WriteLine($"| --- | --- |{string.Concat(names.Select(_ => " --- | --- |"))}");
    }

    /// <summary>Prints one row: medians of images per second, and their ratio with its range over the rounds.</summary>
    /// <param name="name">The work.</param>
    /// <param name="rounds">How often each is run.</param>
    /// <param name="images">Images of a step.</param>
    /// <param name="ours">Seconds of each step of a round.</param>
    /// <param name="peers">In the order of the header.</param>
    public static void Print(string name, int rounds, int images, Func<double[]> ours, params Peer[] peers)
    {
        var own = new List<double>();
        var (rates, ratios) = (Lists(peers), Lists(peers));
        for (var round = 0; round < rounds; round++)
        {
            own.Add(images / Median(ours()));
            for (var i = 0; i < peers.Length; i++)
            {
                if (peers[i].Rate() is not { } measured)
                    continue;
                rates[i].Add(measured);
                ratios[i].Add(own[^1] / measured);
            }
        }
        var columns = peers.Select((_, i) => rates[i].Count == 0 ? " - | - |" : $" {Text(rates[i], "F1")} | {Text(ratios[i], "F2")} |");
        Console.WriteLine($"| {name} | {Text(own, "F1")} |{string.Concat(columns)}");
    }

    private static List<double>[] Lists(Peer[] peers) => [.. peers.Select(_ => new List<double>())];

    private static string Text(List<double> values, string format) =>
        $"{Median(values).ToString(format)} ({values.Min().ToString(format)} - {values.Max().ToString(format)})";

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
