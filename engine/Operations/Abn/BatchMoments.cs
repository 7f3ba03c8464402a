namespace Flixstock.Engine;

/// <summary>
/// Values of a channel: how many, their mean, and the sum of the squares of their deviations from it.
/// </summary>
/// <param name="Count">Number of values.</param>
/// <param name="Mean">Measured from whatever origin.</param>
/// <param name="Squares">Does not depend on the origin.</param>
internal readonly record struct BatchMoments(double Count, double Mean, double Squares)
{
    /// <summary>
    /// The values of two sets (Chan, Golub, LeVeque, "Updating Formulae and a Pairwise Algorithm", 1979).
    /// </summary>
    public static BatchMoments Merge(in BatchMoments a, in BatchMoments b)
    {
        var count = a.Count + b.Count;
        if (b.Count == 0)
            return a;
        var (share, difference) = (b.Count / count, b.Mean - a.Mean);
        return new(count, a.Mean + difference * share,
            a.Squares + b.Squares + difference * difference * a.Count * share);
    }

    /// <summary>One channel's values from their sums.</summary>
    /// <param name="sums">[2, C]: sum of the values, sum of their squares.</param>
    /// <param name="channel">From 0.</param>
    /// <param name="count">Number of values.</param>
    public static BatchMoments OfSums(ReadOnlyTensor sums, int channel, long count)
    {
        var rows = sums.Floats();
        var mean = rows[channel] / (double)count;
        // Rounding must not make a variance negative; what is not a number stays one.
        return new(count, mean, Math.Max(0, rows[sums.Shape.Channels + channel] - count * mean * mean));
    }

    /// <summary>One channel's values of all processes.</summary>
    /// <param name="moments">[processes, 3, C], see <see cref="IKernels.AbnMoments"/>.</param>
    /// <param name="channel">From 0.</param>
    public static BatchMoments OfProcesses(ReadOnlyTensor moments, int channel)
    {
        var rows = moments.Floats();
        var channels = moments.Shape.Channels;
        var all = default(BatchMoments);
        for (var at = channel; at < rows.Length; at += 3 * channels)
            all = Merge(all, new(rows[at], rows[at + channels], rows[at + 2 * channels]));
        return all;
    }
}
