namespace Flixstock.Bench;

/// <summary>What a program reached in a round.</summary>
/// <param name="ImagesPerSecond">The median of its steps.</param>
/// <param name="PeakBytes">The most device memory it had allocated; null where that is the host's.</param>
internal sealed record Measured(double ImagesPerSecond, long? PeakBytes = null);

/// <summary>Another program that does the same work.</summary>
/// <param name="Name">As the table's header names it.</param>
/// <param name="Run">A round, or null where it does not do this work.</param>
internal sealed record Peer(string Name, Func<Measured?> Run);

/// <summary>Rounds of all programs in turn, so that a machine that others use too slows them alike.</summary>
internal sealed class Comparison(TextWriter output, int rounds)
{
    /// <summary>Prints the table's head: three columns for each peer.</summary>
    public void PrintHeader(IEnumerable<string> peers)
    {
        var names = peers.ToList();
        output.WriteLine($"| work | ours, images/s | peak GiB |"
            + $"{string.Concat(names.Select(name => $" {name}, images/s | ours / {name} | peak GiB (ours / its) |"))}");
        output.WriteLine($"| --- | --- | --- |{string.Concat(names.Select(_ => " --- | --- | --- |"))}");
    }

    /// <summary>Prints one row: medians of images per second, and their ratio with its range over the rounds.</summary>
    /// <param name="name">The work.</param>
    /// <param name="images">Images of a step.</param>
    /// <param name="ours">Seconds of each step of a round, and peak memory.</param>
    /// <param name="peers">In the order of the header.</param>
    public void Print(string name, int images, Func<(double[] Seconds, long? PeakBytes)> ours, params Peer[] peers)
    {
        var own = new List<Measured>();
        var others = peers.Select(_ => new List<(Measured Measured, double Ratio)>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var (seconds, peak) = ours();
            own.Add(new Measured(images / Median(seconds), peak));
            for (var i = 0; i < peers.Length; i++)
            {
                if (peers[i].Run() is { } measured)
                    others[i].Add((measured, own[^1].ImagesPerSecond / measured.ImagesPerSecond));
            }
        }
        var memory = own[^1].PeakBytes;
        output.WriteLine($"| {name} | {Text(own.Select(one => one.ImagesPerSecond), "F1")} | {Gibibytes(memory)} "
            + $"|{string.Concat(others.Select(rows => Columns(rows, memory)))}");
    }

    private static string Columns(List<(Measured Measured, double Ratio)> rows, long? ours)
    {
        if (rows.Count == 0)
            return " not here | - | - |";
        var theirs = rows[^1].Measured.PeakBytes;
        var memory = theirs is { } bytes && ours is { } own
            ? $"{Gibibytes(bytes)} ({(double)own / bytes:F2})"
            : Gibibytes(theirs);
        return $" {Text(rows.Select(row => row.Measured.ImagesPerSecond), "F1")} | "
            + $"{Text(rows.Select(row => row.Ratio), "F2")} | {memory} |";
    }

    private static string Gibibytes(long? bytes) => bytes is { } known ? $"{known / (double)(1L << 30):F2}" : "-";

    private static string Text(IEnumerable<double> values, string format)
    {
        var all = values.ToList();
        return $"{Median(all).ToString(format)} ({all.Min().ToString(format)} - {all.Max().ToString(format)})";
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
