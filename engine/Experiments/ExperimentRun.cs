namespace Flixstock.Engine;

/// <summary>
/// Trains what is missing of a grid, each training into its folder, and writes the tables (<c>results.csv</c>,
/// <c>tables.md</c>). A training that is done is not trained again, one that was stopped continues to the same bytes,
/// and a first stage that several trainings share is trained once.
/// </summary>
/// <param name="backend">The backend to compute on.</param>
/// <param name="grid">The grid.</param>
/// <param name="folder">Folder of the runs and tables.</param>
/// <param name="read">
/// Makes the options of a training from those that a cell names (<see cref="ExperimentCell.Options"/> or
/// <see cref="ExperimentCell.FirstStage"/>).
/// </param>
/// <param name="load">
/// Loads training and validation pictures, those of a fold if there is one; called when a training needs other ones
/// than the training before it.
/// </param>
/// <remarks>Threads: one at a time.</remarks>
public sealed class ExperimentRun(
    Backend backend, ExperimentFile grid, string folder,
    Func<ExperimentCell, IReadOnlyDictionary<string, string>, ExperimentOptions> read,
    Func<DataFold?, (ImageDataset Training, ImageDataset Validation)> load)
{
    // Folder of the training with this fold and these options.
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private (DataFold? Fold, (ImageDataset Training, ImageDataset Validation) Parts)? _data;

    /// <summary>Replace a lock of the folder that another machine has left.</summary>
    public bool TakeOver { get; init; }

    /// <summary>Receives the trainings when the folder is taken and before the first of them; may be null.</summary>
    public Action<IReadOnlyList<ExperimentTraining>>? Begun { get; init; }

    /// <summary>
    /// Trains one run, whose trainer is open, by calling <see cref="Trainer.Train"/>; a program can print before and
    /// after it. <see cref="Trainer.Stage"/> tells a first stage from the training itself. Null to do nothing else.
    /// </summary>
    public Func<Trainer, ExperimentTraining, TrainingResult>? Train { get; init; }

    /// <summary>
    /// Computes a trained model's probabilities on the validation pictures, as
    /// <see cref="DatasetScores.Probabilities"/> does; a program can show its progress. Null to do nothing else.
    /// </summary>
    public Func<Checkpoint, ImageDataset, BatchLoaderOptions, DatasetScores>? Score { get; init; }

    /// <summary>Trains what is missing and writes the tables.</summary>
    /// <param name="progress">Receives every step and epoch, unless <see cref="Train"/> trains the runs.</param>
    /// <param name="cancellation">
    /// Stops within a step; what was trained is saved, and the same call continues it.
    /// </param>
    /// <exception cref="InputException">
    /// An option or a file does not fit, a training there was made with other options or other data, or the folder is
    /// in use.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public ExperimentReport Run(
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var trainings = Plan(cancellation);
        Files.RequireWritableFolder(folder);
        using var held = FolderLock.Take(folder, "experiment", TakeOver);
        var report = new ExperimentReport(Path.Combine(folder, "results.csv"), Path.Combine(folder, "tables.md"));
        report.RequireFree();
        Begun?.Invoke(trainings);
        RequireSameData(trainings);
        foreach (var training in trainings.Where(training => training.ReadResult() is null))
            Finish(training, progress, cancellation);
        report = report with { Results = [.. trainings.Select(training => training.ReadResult()!)] };
        report.Write();
        return report;
    }

    /// <summary>All trainings of the grid in their order, done or not. Nothing is written.</summary>
    /// <param name="cancellation">Stops between two trainings.</param>
    /// <exception cref="InputException">An option of a cell cannot be read.</exception>
    public IReadOnlyList<ExperimentTraining> Plan(CancellationToken cancellation = default)
    {
        var trainings = grid.Cells().Select((cell, i) => Plan(cell, i + 1, cancellation)).ToList();
        foreach (var training in trainings)
            _folders.TryAdd(Key(training.Cell, training.Options), training.Folder);
        return trainings;
    }

    private static string Key(ExperimentCell cell, TrainerOptions options) => $"{cell.Fold} {options.ToJson()}";

    private ExperimentTraining Plan(ExperimentCell cell, int number, CancellationToken cancellation)
    {
        var options = Read(cell, cell.Options, cancellation);
        // In mode selective the truth about what it leaves out is worth knowing; elsewhere nothing is chosen.
        options = options with
        {
            CountIgnored = options.Simulation is not null && options.Loss.Mode == PartialLossMode.Selective
                && options.Objective is SelectiveLoss.Description,
        };
        var first = cell.FirstStage is { } named
            ? ExperimentTraining.Canonical(Read(cell, named, cancellation) with { CountIgnored = false })
            : null;
        return new ExperimentTraining(
            cell, number, ExperimentTraining.Canonical(options), first, Path.Combine(folder, cell.Folder));
    }

    private TrainerOptions Read(
        ExperimentCell cell, IReadOnlyDictionary<string, string> named, CancellationToken cancellation)
    {
        var (options, largest) = read(cell, named);
        if (!largest)
            return options;
        // What was begun keeps the number that was found for it.
        var size = TrainingRun.OptionsIn(Path.Combine(folder, cell.Folder))?.BatchSize ?? LargestBatch.Find(
            backend, options, DataOf(cell).Training.Samples.Count, DataOf(cell).Training.Attributes,
            cancellation).BatchSize;
        return options with { BatchSize = size };
    }

    private (ImageDataset Training, ImageDataset Validation) DataOf(ExperimentCell cell)
    {
        if (_data is not { } present || present.Fold != cell.Fold)
            _data = present = (cell.Fold, load(cell.Fold));
        return present.Parts;
    }

    // What is trained now is compared with what is done.
    private void RequireSameData(IReadOnlyList<ExperimentTraining> trainings)
    {
        var done = trainings.Where(training => training.IsDone).ToList();
        if (done.Count == 0 || done.Count == trainings.Count)
            return;
        foreach (var training in done.OrderBy(training => training.Cell.Fold?.Index))
        {
            if (TrainingRun.Begun(training.Folder) is not { } run)
                continue;
            var (learnt, validated) = DataOf(training.Cell);
            run.RequireSameData(run.AsBegun(learnt, validated));
        }
    }

    private void Finish(
        ExperimentTraining training, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        TrainingResult To(string place, TrainerOptions options, TrainingStage stage)
        {
            using var trainer = Open(place, options, stage, DataOf(training.Cell), cancellation);
            return Train is { } train ? train(trainer, training) : trainer.Train(progress, cancellation);
        }
        var options = training.Options;
        if (training.FirstStage is { } first)
        {
            var place = _folders.GetValueOrDefault(
                Key(training.Cell, first), Path.Combine(training.Folder, "ignore"));
            options = options with { PriorPath = To(place, first, TrainingStage.Ignore).Run.PriorFile };
        }

        var result = To(training.Folder, options, TrainingStage.Whole);
        var (learnt, validated) = DataOf(training.Cell);
        var evaluation = new ExperimentEvaluation(training.Cell, options, learnt, validated);
        evaluation.Of(result, ScoreBest, cancellation).Write(training.ResultFile);

        DatasetScores ScoreBest(Checkpoint best, ImageDataset data, BatchLoaderOptions loading) => Score is { } score
            ? score(best, data, loading)
            : DatasetScores.Probabilities(best, backend, data, loading, cancellation: cancellation);
    }

    private Trainer Open(
        string place, TrainerOptions options, TrainingStage stage,
        (ImageDataset Training, ImageDataset Validation) data, CancellationToken cancellation)
    {
        var (training, validation) = data;
        if (!TrainingRun.CanResumeIn(place))
        {
            var left = options.Simulation?.Apply(training, cancellation).Dataset ?? training;
            KnownLabels.RequireSome(left, training.Folder.Length > 0 ? training.Folder : "training");
        }
        return new RunOpening(backend, training, validation) { Stage = stage }.ContinueOrBegin(place, options);
    }
}
