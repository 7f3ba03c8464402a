namespace Flixstock.Engine;

/// <summary>
/// Labels by the probability that the model gives them: of known positives, of known negatives and, apart from both, of
/// unknown labels.
/// </summary>
/// <param name="Positives">[<see cref="Bins"/>] known positives, the lowest probabilities first.</param>
/// <param name="Negatives">[<see cref="Bins"/>] known negatives.</param>
/// <param name="Unknown">[<see cref="Bins"/>] unknown labels.</param>
internal sealed record ProbabilityHistogram(long[] Positives, long[] Negatives, long[] Unknown)
{
    /// <summary>Ranges of equal width from 0 to 1.</summary>
    public const int Bins = 20;

    /// <summary>Counts all labels.</summary>
    /// <param name="probabilities">[N, classes] probabilities, 0 to 1.</param>
    /// <param name="labels">[N, classes]: 1, 0, -1 unknown</param>
    public static ProbabilityHistogram Of(ReadOnlySpan<float> probabilities, ReadOnlySpan<sbyte> labels)
    {
        var result = new ProbabilityHistogram(new long[Bins], new long[Bins], new long[Bins]);
        for (var i = 0; i < labels.Length; i++)
        {
            var counts = labels[i] switch { 1 => result.Positives, 0 => result.Negatives, _ => result.Unknown };
            counts[Math.Clamp((int)(probabilities[i] * Bins), 0, Bins - 1)]++;
        }
        return result;
    }
}
