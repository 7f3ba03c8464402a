namespace Flixstock.Engine;

/// <summary>Class-distribution-aware pseudo-labels: <see cref="CapOptions"/>.</summary>
/// <param name="options">The constants.</param>
/// <param name="shares">[classes] pi, the share of positives; NaN: the class gets no pseudo-labels.</param>
/// <param name="epochs">Epochs of the schedule: after the last one nobody reads labels.</param>
internal sealed class CapRule(CapOptions options, IReadOnlyList<double> shares, int epochs) : ISelfLabelRule
{
    public bool IsSoft => false;

    public string? Note => shares.Count(double.IsNaN) is > 0 and var unknown
        ? $"{unknown} of {shares.Count} classes get no pseudo-labels: nothing says how often they occur"
        : null;

    public WeightsKind? ScoredBy(int epoch) =>
        epoch >= options.Warmup && epoch < epochs ? WeightsKind.Average : null;

    public void EndEpoch(int epoch, float[]? scores, SelfLabelTable table)
    {
        if (scores is null)
            return;
        table.Clear();
        for (var k = 0; k < table.Classes; k++)
        {
            var ranked = table.Unlabelled(k, scores);
            var (positives, negatives) = Counts(shares[k], ranked.Length);
            foreach (var picture in ranked.AsSpan(ranked.Length - positives))
                table.Set(picture, k, SelfLabelTable.Positive);
            foreach (var picture in ranked.AsSpan(0, negatives))
                table.Set(picture, k, SelfLabelTable.Negative);
        }
    }

    private (int Positives, int Negatives) Counts(double share, int unknown)
    {
        if (double.IsNaN(share))
            return (0, 0);
        var positives = (int)(options.Positives * share * unknown);
        // What is rounded must not be taken twice.
        return (positives, Math.Min((int)(options.Negatives * (1 - share) * unknown), unknown - positives));
    }
}
