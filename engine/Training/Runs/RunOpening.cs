namespace Flixstock.Engine;

/// <summary>Opens the trainers of runs, new ones and those that continue, on one data set.</summary>
/// <param name="Backend">Where to compute.</param>
/// <param name="Training">Pictures and labels to learn from.</param>
/// <param name="Validation">Pictures and labels to choose the best epoch by.</param>
internal sealed record RunOpening(Backend Backend, ImageDataset Training, ImageDataset Validation)
{
    /// <summary>On continuing, take the data set's classes in their order, whatever their names are.</summary>
    public bool ClassesByPosition { get; init; }

    /// <summary>Which of two stages the runs are.</summary>
    public TrainingStage Stage { get; init; }

    /// <summary>
    /// The run in a folder: continued where one was saved, whether or not it is done; begun where nothing was.
    /// </summary>
    /// <param name="folder">The run's folder; a new one is gone again if no trainer can be made.</param>
    /// <param name="options">How to train.</param>
    /// <param name="held">The folder's lock, where the caller holds it.</param>
    /// <exception cref="InputException">An option or a file does not fit; names it.</exception>
    public Trainer ContinueOrBegin(string folder, TrainerOptions options, FolderLock? held = null)
    {
        if (TrainingRun.CanResumeIn(folder))
            return Continue(TrainingRun.Open(folder, ClassesByPosition, held), options);
        return WorkFolder.Use(folder, () => Begin(() => TrainingRun.Create(folder, overwrite: true, held), options));
    }

    /// <summary>A new run.</summary>
    /// <param name="create">Makes it.</param>
    /// <param name="options">How to train.</param>
    public Trainer Begin(Func<TrainingRun> create, TrainerOptions options) =>
        Open(new Trainer(Backend, Training, Validation, options, create()) { Stage = Stage });

    /// <summary>A run that continues, on the pictures that it was begun with.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">How to train.</param>
    public Trainer Continue(TrainingRun run, TrainerOptions options)
    {
        var (training, validation) = run.AsBegun(Training, Validation);
        return Open(new Trainer(Backend, training, validation, options, run, resume: true) { Stage = Stage });
    }

    private static Trainer Open(Trainer trainer)
    {
        try
        {
            trainer.Open();
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }
}
