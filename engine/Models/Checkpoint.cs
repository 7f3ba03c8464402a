namespace Flixstock.Engine;

/// <summary>One of the two sets of weights of a training.</summary>
public enum WeightsKind
{
    /// <summary>The weights that the optimizer changes.</summary>
    Plain,
    /// <summary>Their exponential average.</summary>
    Average,
}

/// <summary>
/// A model in a file: weights under their published names (convolutions OIHW) and, as metadata, everything needed to
/// use them. No time and no path is in it, so equal trainings give equal files. The format is described in
/// docs/formats.md.
/// </summary>
/// <remarks>Threads: any number; disposing waits for the networks that are being made.</remarks>
public sealed partial record Checkpoint : IDisposable
{
    private readonly Source _source;

    /// <summary>A model that is not read from a file.</summary>
    public Checkpoint() => _source = new Source(this);

    /// <summary>The weights.</summary>
    public required StateDict State { get; init; }

    /// <summary>The network they are of.</summary>
    public required INetworkDescription Model { get; init; }

    /// <summary>The classes that its outputs mean.</summary>
    public required AttributeTable Attributes { get; init; }

    /// <summary>How the pictures that it was trained with were prepared.</summary>
    public required PicturePreparation Preparation { get; init; }

    /// <summary>Plain or averaged.</summary>
    public WeightsKind Weights { get; init; }

    /// <summary>Epochs trained.</summary>
    public int Epoch { get; init; }

    /// <summary>Steps trained.</summary>
    public int Step { get; init; }

    /// <summary>Validation mAP over annotated labels, 0 to 1; null if it was not measured.</summary>
    public double? MeanAp { get; init; }

    /// <summary>How its scores become probabilities.</summary>
    public HeadKind Head { get; init; }

    /// <summary>Thresholds and temperature; null: none were fitted.</summary>
    public ClassCalibration? Calibration { get; init; }

    /// <summary>From scores to calibrated probabilities.</summary>
    public ProbabilityHead Probabilities => new(Attributes, Head, Calibration?.Temperature ?? 1);

    /// <summary>Lines about what was chosen from the file or ignored, to be shown to the user.</summary>
    public IReadOnlyList<string> Remarks { get; private set; } = [];

    /// <summary>The file it was read from, for messages; empty if it was not read from one.</summary>
    public string Path { get; private init; } = "";

    /// <summary>
    /// The same model with other thresholds and another temperature; it shares this one's tensors and the file that
    /// holds them.
    /// </summary>
    /// <param name="calibration">The fitted values, or null to leave them out.</param>
    /// <exception cref="InputException">It is not for this model's classes.</exception>
    public Checkpoint With(ClassCalibration? calibration)
    {
        calibration?.Require(Attributes.ClassCount);
        return this with { Calibration = calibration };
    }

    /// <summary>
    /// Waits for the networks that are being made, and lets go of the file that it was loaded from; its tensors must
    /// not be used any more. Networks made of it have copies of theirs. Models made by
    /// <see cref="With(ClassCalibration?)"/> and <see cref="Renamed"/> end with the one that they were made from.
    /// </summary>
    public void Dispose()
    {
        if (ReferenceEquals(_source.Owner, this) && _source.Gate.Close())
            _source.File?.Dispose();
    }

    /// <summary>A network with these weights.</summary>
    /// <exception cref="InputException">The weights are not those of the model that the file describes.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was disposed of.</exception>
    public Network CreateNetwork(Backend backend)
    {
        using var use = _source.Gate.Enter();
        RequireFit(backend);
        var network = Model.Create(backend);
        try
        {
            LoadInto(network);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A network with these weights for inference only: it takes less memory than folding one of
    /// <see cref="CreateNetwork"/>.
    /// </summary>
    /// <param name="backend">The device and its kernels.</param>
    /// <param name="explains">See <see cref="FoldedNetwork.Explains"/>.</param>
    /// <exception cref="InputException">
    /// The weights are not those of the model that the file describes, or it cannot be explained.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The checkpoint was disposed of.</exception>
    public FoldedNetwork Fold(Backend backend, bool explains = false)
    {
        using var use = _source.Gate.Enter();
        try
        {
            FiniteWeights.Require(State);
            return FoldedNetwork.From(State, Model, backend, explains);
        }
        catch (InputException e)
        {
            throw new InputException($"{Path}: {e.Message}{FolderOfWeights.ShardHint(Path)}", e);
        }
    }

    /// <summary>Gives a network these weights.</summary>
    /// <exception cref="InputException">
    /// They are of another model or another number of classes; says what differs.
    /// </exception>
    public void LoadInto(Network network)
    {
        using var use = _source.Gate.Enter();
        var differences = Model.DifferencesFrom(network.Description).ToList();
        if (differences.Count > 0)
        {
            throw new InputException($"{Path}: the checkpoint is of another model: it has "
                + $"{string.Join(", ", differences)}; give a checkpoint of the same model");
        }
        try
        {
            network.Load(State);
        }
        catch (InputException e)
        {
            throw new InputException($"{Path}: {e.Message}{FolderOfWeights.ShardHint(Path)}", e);
        }
    }

    // Before memory is taken for what the description claims.
    private void RequireFit(Backend backend)
    {
        using var planning = new Backend(new PlanningDevice(backend.Device), NullKernels.Create(), backend.Precision);
        using var plan = Model.Create(planning);
        try
        {
            plan.RequireSameEntries(State);
        }
        catch (InputException e)
        {
            throw new InputException($"{Path}: {e.Message}{FolderOfWeights.ShardHint(Path)}", e);
        }
    }

    // Shared by all copies of a model: the copies are other objects and do not end it.
    private sealed class Source(Checkpoint owner)
    {
        public Checkpoint Owner { get; } = owner;

        public DisposalGate Gate { get; } = new(typeof(Checkpoint));

        // Whose mapping the tensors are in.
        public WeightsFile? File { get; set; }
    }
}
