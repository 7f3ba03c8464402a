namespace Flixstock.Engine;

/// <summary>
/// The labels that a training gives itself where nobody gave one: put into each batch before the step that reads it,
/// changed between epochs, saved with the run's state. What they follow from is the weights alone, so that a run that
/// was stopped continues with the same ones.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class SelfLabels
{
    private const string Cells = "self_labels.cells", Soft = "self_labels.soft", Epochs = "self_label_epochs";
    private readonly ISelfLabelRule _rule;
    private readonly IReadOnlyList<Sample>? _truth;
    private readonly SelfLabelTable _table;
    private readonly List<SelfLabelEpoch> _epochs = [];

    /// <summary>No pseudo-labels yet.</summary>
    /// <param name="rule">What gives them.</param>
    /// <param name="training">The pictures to learn from.</param>
    /// <param name="truth">The same with labels that were hidden deliberately; null: none were.</param>
    public SelfLabels(ISelfLabelRule rule, ImageDataset training, IReadOnlyList<Sample>? truth)
    {
        (_rule, _truth) = (rule, truth);
        _table = new SelfLabelTable(training.Samples, training.Attributes.ClassCount, rule.IsSoft);
    }

    /// <summary>True if a batch needs soft targets for them.</summary>
    public bool IsSoft => _rule.IsSoft;

    /// <inheritdoc cref="ISelfLabelRule.Note" />
    public string? Note => _rule.Note;

    /// <summary>What was counted at the end of each epoch.</summary>
    public IReadOnlyList<SelfLabelEpoch> Counts => _epochs;

    /// <summary>The labels that a training's options ask for; null: none.</summary>
    /// <param name="options">Options of the training.</param>
    /// <param name="training">The pictures to learn from.</param>
    /// <param name="prior">[classes] how often each class occurs; null: by the annotations.</param>
    /// <param name="truth">The same with labels that were hidden deliberately; null: none were.</param>
    /// <exception cref="InputException">Nothing is known of how often the classes occur.</exception>
    public static SelfLabels? Of(
        TrainerOptions options, ImageDataset training, float[]? prior, IReadOnlyList<Sample>? truth)
    {
        ISelfLabelRule? rule = options switch
        {
            { Cap: { } cap } => new CapRule(cap, ClassShares.Of(training, prior), options.Epochs),
            { CustomLoss: PartialLossDescription { Options: { Kind: PartialLossKind.EmApl } loss } } =>
                new AplRule(loss, options.Epochs),
            { CustomLoss: PartialLossDescription { Options: { Kind: PartialLossKind.LargeLossCp } loss } } =>
                new LargeLossRule(loss),
            _ => null,
        };
        return rule is null ? null : new SelfLabels(rule, training, truth);
    }

    /// <summary>Puts the pseudo-labels of its pictures into a batch.</summary>
    public void Apply(Batch batch) => _table.Apply(batch);

    /// <summary>Looks at a step that is known to be good.</summary>
    /// <param name="step">Its scores; null, or of no step: there is nothing to look at.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public void EndStep(StepScores? step, int stepsPerEpoch)
    {
        if (step is { Step: > 0 })
            _rule.EndStep(step, RunPosition.Before(step.Step, stepsPerEpoch).Epoch, _table);
    }

    /// <summary>True if what comes after an epoch was decided before the run was stopped.</summary>
    public bool HasEnded(int epoch) => _epochs.Count > 0 && _epochs[^1].Epoch >= epoch;

    /// <inheritdoc cref="ISelfLabelRule.ScoredBy" />
    public WeightsKind? ScoredBy(int epoch) => _rule.ScoredBy(epoch);

    /// <summary>Changes labels for the next epoch and writes what was counted.</summary>
    /// <param name="epoch">The epoch that ends, from 1.</param>
    /// <param name="scores">[pictures, classes] logits by <see cref="ScoredBy"/>; null without.</param>
    /// <param name="path">The table to write.</param>
    public void EndEpoch(int epoch, float[]? scores, string path)
    {
        _rule.EndEpoch(epoch, scores, _table);
        _epochs.Add(_table.Count(epoch, _truth));
        SelfLabelEpoch.Write(path, _epochs);
    }

    /// <summary>Adds what a run continues from to its state.</summary>
    public void Save(StateDict state)
    {
        var packed = _table.Pack();
        state.Add(new StateTensor(Cells, StateType.U8, [packed.Length], packed));
        if (IsSoft)
        {
            var soft = _table.PackSoft();
            state.Add(StateTensors.From(Soft, [soft.Length], soft));
        }
        state.Metadata[Epochs] = SelfLabelEpoch.ToText(_epochs);
    }

    /// <summary>The reverse of <see cref="Save"/>.</summary>
    /// <exception cref="InputException">The state has none, or not those of these pictures.</exception>
    public void Load(StateDict state)
    {
        var cells = state[Cells];
        if (cells.Type != StateType.U8)
            throw new InputException($"tensor '{Cells}' is of type {cells.Type}, not of {StateType.U8}");
        _table.Unpack(cells.Data.Span, IsSoft ? state[Soft].ToFloats() : []);
        _epochs.Clear();
        _epochs.AddRange(SelfLabelEpoch.FromText(state.Metadata[Epochs]));
    }
}
