namespace Flixstock.Engine;

// How a run begins: its first files, and with them a state to continue from, take the place of what was in the folder.
public sealed partial class Trainer
{
    private readonly bool _resume;
    private FolderLock? _ownLock;
    private bool _isOpen;

    /// <summary>The options of the training.</summary>
    public TrainerOptions Options => _options;

    /// <summary>
    /// The pictures to learn from, with the labels that <see cref="TrainerOptions.Simulation"/> leaves.
    /// </summary>
    public ImageDataset Training => _training;

    /// <summary>The pictures that the best epoch is chosen by.</summary>
    public ImageDataset Validation => _validation;

    /// <summary>True if the run was begun before and continues.</summary>
    public bool IsContinued => _resume;

    /// <summary>Stage of a training in two stages; <see cref="TrainingStage.Whole"/> for any other training.</summary>
    public TrainingStage Stage { get; internal init; }

    /// <summary>
    /// Says that the run needs more space than its disk has; null if it has enough, or if that is unknown.
    /// </summary>
    public Wording? SpaceNote { get; private set; }

    /// <summary>
    /// Takes the run's folder: writes a new run's first files, or loads the state of one that continues.
    /// <see cref="Train"/> does it if
    /// it was not called; before that, nothing is written and <see cref="Notes"/> are not complete.
    /// </summary>
    /// <exception cref="InputException">The folder is in use, or its state does not fit.</exception>
    /// <exception cref="EngineException">A file cannot be written.</exception>
    public void Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_isOpen)
            return;
        _ownLock = _run.TakeLock();
        try
        {
            BeginOrLoad();
            _isOpen = true;
        }
        catch
        {
            _ownLock?.Dispose();
            _ownLock = null;
            throw;
        }
    }

    private void BeginOrLoad()
    {
        SpaceNote = RunSpace.Note(
            _run, RunSpace.Needed(_network.Buffer.Parameters.Sum(parameter => (long)parameter.Shape.Count), _options),
            RunSpace.FreeIn);
        if (!_resume)
        {
            Begin();
        }
        else
        {
            LoadState();
            if (_run.RepairPictures() is { } repaired)
                _notes.Add(repaired);
            WriteSimulation();
        }

        _run.KeepInMind();
    }

    private void Begin()
    {
        var place = _run;
        using var begun = place.Begin();
        try
        {
            _run = begun.Run;
            _run.WriteDescription(_options, _backend, _training, _validation, Simulated?.Original);
            WriteSimulation();
            if (_options.KeepResumeState)
                SaveState();
            begun.Publish();
        }
        catch (EngineException e) when (e.Message.Contains(begun.Run.Folder, StringComparison.Ordinal))
        {
            throw new EngineException(e.Message.Replace(begun.Run.Folder, place.Folder, StringComparison.Ordinal), e);
        }
        finally
        {
            _run = place;
        }
    }

    private void WriteSimulation()
    {
        Simulated?.WriteCsv(Path.Combine(_run.Folder, SimulatedLabels.CsvName));
        Simulated?.WriteChart(Path.Combine(_run.Folder, SimulatedLabels.ChartName));
    }
}
