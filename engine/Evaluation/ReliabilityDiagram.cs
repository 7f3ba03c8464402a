namespace Flixstock.Engine;

/// <summary>The known labels whose probabilities lie in one range.</summary>
/// <param name="Labels">Number of known labels.</param>
/// <param name="MeanProbability">Their mean probability, 0 to 1; NaN if there are none.</param>
/// <param name="ShareOfPositives">The share of them that is positive, 0 to 1; NaN if there are none.</param>
internal readonly record struct ReliabilityBin(int Labels, double MeanProbability, double ShareOfPositives);

/// <summary>
/// How often what is given a probability is so (DeGroot and Fienberg, "The Comparison and Evaluation of Forecasters",
/// 1983), in the bins of <see cref="CalibrationError"/>. Unknown labels never count.
/// </summary>
/// <param name="Bins">
/// [<see cref="CalibrationError.Bins"/>] ranges of equal width, the lowest probabilities first.
/// </param>
internal sealed record ReliabilityDiagram(IReadOnlyList<ReliabilityBin> Bins)
{
    /// <summary>
    /// The expected calibration error of the bins, 0 to 1; NaN if nothing is known: the same as
    /// <see cref="CalibrationError.Overall"/>.
    /// </summary>
    public double Error => Bins.Where(bin => bin.Labels > 0).Sum(
        bin => bin.Labels * Math.Abs(bin.MeanProbability - bin.ShareOfPositives)) / Bins.Sum(bin => bin.Labels);

    /// <summary>The diagram of all known labels together.</summary>
    /// <param name="probabilities">[N, classes] probabilities, 0 to 1.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    public static ReliabilityDiagram Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<sbyte> labels)
    {
        const int Count = CalibrationError.Bins;
        var (counts, positives, sums) = (new int[Count], new int[Count], new double[Count]);
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0)
                continue;
            var bin = CalibrationError.BinOf(probabilities[i]);
            counts[bin]++;
            positives[bin] += labels[i];
            sums[bin] += probabilities[i];
        }
        return new ReliabilityDiagram(
        [
            .. counts.Select((count, bin) => count == 0
                ? new ReliabilityBin(0, double.NaN, double.NaN)
                : new ReliabilityBin(count, sums[bin] / count, (double)positives[bin] / count)),
        ]);
    }
}
