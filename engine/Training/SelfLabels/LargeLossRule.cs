namespace Flixstock.Engine;

/// <summary>
/// LL-Cp (Kim et al. 2022): the unknown labels whose losses are a batch's largest are positives in that step, and stay
/// so. The loss decides which, the host finds the same ones by the step's scores. They are kept when the epoch ends: in
/// between no picture comes again, unless a sampler draws it.
/// </summary>
/// <param name="options">The loss.</param>
internal sealed unsafe class LargeLossRule(PartialLossOptions options) : ISelfLabelRule
{
    private sbyte[] _labels = [];

    public bool IsSoft => false;

    public WeightsKind? ScoredBy(int epoch) => null;

    public void EndStep(StepScores step, int epoch, SelfLabelTable table)
    {
        var wanted = options.LargeLosses(step.Logits.Length, epoch);
        if (wanted == 0)
            return;
        if (_labels.Length < step.Logits.Length)
            _labels = new sbyte[step.Logits.Length];
        table.CopyLabels(step.Samples, _labels);
        fixed (float* logits = step.Logits)
        fixed (sbyte* labels = _labels)
        {
            var cut = new LikelihoodCut(logits, labels, step.Logits.Length, wanted);
            for (var i = 0; i < step.Logits.Length; i++)
            {
                if (labels[i] < 0 && cut.Drops(logits[i], i))
                    table.Set(step.Samples[i / table.Classes], i % table.Classes, SelfLabelTable.Coming);
            }
        }
    }

    public void EndEpoch(int epoch, float[]? scores, SelfLabelTable table) => table.KeepComing();
}
