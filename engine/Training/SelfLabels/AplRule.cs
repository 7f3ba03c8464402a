namespace Flixstock.Engine;

/// <summary>
/// Asymmetric pseudo-labels (Zhou et al. 2022): when an epoch from the warm-up on ends, of each class' unknown labels
/// those with the lowest scores become soft negatives, as many in each epoch; what they score then is their target from
/// then on. When the training ends, 90 % are labelled.
/// </summary>
/// <param name="options">The loss, with the warm-up.</param>
/// <param name="epochs">Epochs of the schedule, more than those of the warm-up.</param>
internal sealed class AplRule(PartialLossOptions options, int epochs) : ISelfLabelRule
{
    private const double Labelled = 0.9;

    // A target of 0 or 1 would be an annotation.
    private const double Least = 1e-7;

    public bool IsSoft => true;

    public WeightsKind? ScoredBy(int epoch) => epoch >= options.Warmup && epoch < epochs ? WeightsKind.Plain : null;

    public void EndEpoch(int epoch, float[]? scores, SelfLabelTable table)
    {
        if (scores is null)
            return;
        for (var k = 0; k < table.Classes; k++)
        {
            var ranked = table.Unlabelled(k, scores);
            var count = Math.Min((int)(Labelled * table.Unknown(k) / (epochs - options.Warmup)), ranked.Length);
            foreach (var picture in ranked.AsSpan(0, count))
            {
                var probability = 1 / (1 + Math.Exp(-scores[(picture * table.Classes) + k]));
                table.Set(picture, k, SelfLabelTable.Negative, (float)Math.Clamp(probability, Least, 1 - Least));
            }
        }
    }
}
