namespace Flixstock.Engine;

/// <summary>Options of a <see cref="TrainingStep"/>: the part of a training's options that its steps need.</summary>
/// <param name="BatchSize">Number of pictures of a full step, or of its parts (<see cref="Parts"/>).</param>
/// <param name="ImageSize">Their height and width in pixels.</param>
/// <param name="Pictures">Pictures of an epoch: decides the size of the last batch.</param>
/// <param name="Schedule">Schedule of learning rates.</param>
internal sealed record TrainingStepOptions(int BatchSize, int ImageSize, int Pictures, ILearningRateSchedule Schedule)
{
    /// <summary>
    /// Small batches whose gradients are summed into one update; a batch that a step is given has up to this many times
    /// <see cref="BatchSize"/> pictures.
    /// </summary>
    public int Parts { get; init; } = 1;

    /// <summary>Constants of the optimizer.</summary>
    public AdamSettings Adam { get; init; } = new();

    /// <summary>
    /// True: what each label's term was multiplied with is kept for <see cref="TrainingStep.LossWeights"/>.
    /// </summary>
    public bool KeepsWeights { get; init; }

    /// <summary>True: the scores of each step are kept for <see cref="TrainingStep.Finished"/>.</summary>
    public bool KeepsScores { get; init; }

    /// <summary>True: steps that are not finite are left out, and their losses are waited for.</summary>
    public bool SkipsNonFinite { get; init; }

    /// <summary>The loss scale of half precision at first; null: the usual one.</summary>
    public float? LossScale { get; init; }

    /// <summary>Makes one gradient of several processes'; null: there is one process.</summary>
    public IGradientReducer? Reducer { get; init; }

    /// <summary>
    /// Makes the batch statistics of several processes those of all their pictures; null: each has its own.
    /// </summary>
    public IStatisticsReducer? Statistics { get; init; }

    /// <summary>Mixed pictures that each batch has in addition, for each of its own; 0: none.</summary>
    public double SpliceMix { get; init; }

    /// <summary>
    /// Pictures of the batches that occur, without mixed ones: full ones, and the last of an epoch. Of an update in
    /// parts too, since all but the last part are full.
    /// </summary>
    public IEnumerable<int> BatchSizes =>
        new[] { FullBatch, Pictures % FullBatch }.Where(count => count > 0).Distinct();

    /// <summary>Pictures of the largest batch without mixed ones.</summary>
    public int FullBatch => Math.Min(BatchSize, Pictures);

    /// <summary>Pictures of the largest update.</summary>
    public int FullUpdate => (int)Math.Min((long)BatchSize * Parts, Pictures);
    /// <summary>Pictures of the largest step.</summary>
    public int FullStep => WithMixed(FullBatch);

    /// <summary>Pictures of a step: more for every additional picture, so that the reverse is a function too.</summary>
    /// <param name="batch">Pictures of its batch without mixed ones.</param>
    public int WithMixed(int batch) => batch + PictureSplicing.Extra(batch, SpliceMix);
}
