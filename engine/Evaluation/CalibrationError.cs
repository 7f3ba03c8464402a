namespace Flixstock.Engine;

/// <summary>
/// How far probabilities are from frequencies: known labels are put into bins of equal width by their probability, and
/// the differences between mean probability and share of positives are averaged, weighted by the bins' labels (Naeini
/// et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", 2015; Guo et al., "On Calibration of
/// Modern Neural Networks", 2017). 0 is perfect, 1 the worst.
/// </summary>
internal static class CalibrationError
{
    /// <summary>Bins.</summary>
    public const int Bins = 15;

    /// <summary>The error of all known labels together.</summary>
    /// <param name="probabilities">[N, classes] probabilities, 0 to 1.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <returns>0 to 1; NaN if nothing is known.</returns>
    public static double Overall(ReadOnlySpan<float> probabilities, ReadOnlySpan<sbyte> labels) =>
        Of(probabilities, labels, first: 0, step: 1);

    /// <summary>The error of one class.</summary>
    /// <param name="probabilities">[N, classes] probabilities, 0 to 1.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="column">Index of the class.</param>
    /// <returns>0 to 1; NaN if nothing is known.</returns>
    public static double OfClass(
        ReadOnlySpan<float> probabilities, ReadOnlySpan<sbyte> labels, int classes, int column) =>
        Of(probabilities, labels, column, classes);

    /// <summary>The bin of a probability, from 0.</summary>
    public static int BinOf(float probability) => Math.Clamp((int)(probability * Bins), 0, Bins - 1);

    private static double Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<sbyte> labels, int first, int step)
    {
        Span<double> gaps = stackalloc double[Bins]; // sum of probability - label
        gaps.Clear();
        var known = 0;
        for (var i = first; i < labels.Length; i += step)
        {
            if (labels[i] < 0)
                continue;
            known++;
            gaps[BinOf(probabilities[i])] += (double)probabilities[i] - labels[i];
        }
        var total = 0.0;
        foreach (var gap in gaps)
            total += Math.Abs(gap);
        return known == 0 ? double.NaN : total / known;
    }
}
