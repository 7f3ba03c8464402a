using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Trains into a folder and shows how it goes.</summary>
internal sealed class TrainingJob(Session session, Backend backend, DatasetSource source)
{
    private readonly Terminal _terminal = session.Terminal;
    private TrainingView _view = new(() => null);

    public TrainingJob(Session session, Backend backend, string data)
        : this(session, backend, new DatasetSource(data))
    {
    }

    /// <summary>Value of <c>--classes-by-position</c>.</summary>
    public bool ClassesByPosition { get; init; }

    /// <summary>True: new runs take the largest batch that fits the device.</summary>
    public bool AutomaticBatchSize { get; init; }

    /// <summary>The number of classes that the user expects; null if none was given.</summary>
    public int? ExpectedClasses { get; init; }

    /// <summary>What to do about pictures that cannot be read.</summary>
    public PictureCare Care { get; init; } = new();

    /// <summary>
    /// True: a batch size that leaves some batch without statistics becomes the nearest one that does not, instead of
    /// an error.
    /// </summary>
    public bool NearestBatchSize { get; init; }

    /// <summary>The command line that continues what is stopped; null: that is another's business.</summary>
    public string? Continuation { get; init; }

    /// <summary>Value of <c>--take-over</c>: a lock that another machine has left is replaced.</summary>
    public bool TakeOver { get; init; }

    /// <summary>True: a page shows how the training goes.</summary>
    public bool Watches { get; init; }

    /// <summary>The server that runs are logged to; null: none.</summary>
    public MlflowServer? Mlflow { get; init; }

    /// <summary>Trains one run from its start.</summary>
    public int Train(string folder, TrainerOptions options, bool overwrite) => Hold(folder, held =>
    {
        if (!overwrite)
            TrainingRun.RequireFree(folder);
        (var training, var validation, options) = Prepare(folder, options, source);
        return TrainNew(NewRun(folder, overwrite, held), options, training, validation);
    });

    // A plan that was left there would make --resume another training's.
    private static TrainingRun NewRun(string folder, bool overwrite, FolderLock held) =>
        TrainingRun.Create(folder, overwrite, held).EndingPlan();

    private T Hold<T>(string folder, Func<FolderLock, T> work) =>
        OutputFolder.Hold(folder, "--out", "training", TakeOver, work);

    /// <summary>Mode ignore into <c>folder/ignore</c>, its prior, mode selective into the folder.</summary>
    public int TwoStages(string folder, TrainerOptions options, bool overwrite) => Hold(folder, held =>
    {
        TwoStagePlan.Begin(folder, options, overwrite);
        (var training, var validation, options) = Prepare(folder, options, source);
        var stages = Stages(TwoStagePlan.Begin(folder, options, overwrite), training, validation, held);
        return Conclude(stages.Begin(cancellation: session.Cancellation).Selective);
    });

    /// <summary>A training in two stages that was interrupted in either of them.</summary>
    public int ResumeTwoStages(string folder, Func<TrainerOptions, TrainerOptions> change)
    {
        TwoStagePlan.Open(folder);
        return Hold(folder, held => ResumeTwoStages(folder, change, held));
    }

    private int ResumeTwoStages(string folder, Func<TrainerOptions, TrainerOptions> change, FolderLock held)
    {
        var plan = TwoStagePlan.Open(folder).With(change);
        var (training, validation) = Load(TrainingRun.ReadDataset(plan.IgnoreFolder, source));
        var first = TrainingRun.Begun(plan.IgnoreFolder, ClassesByPosition);
        first?.RequireSameData(first.AsBegun(training, validation));
        (training, validation) = first is { } begun
            ? Care.Resume(session, source.Path, begun, training, validation)
            : Care.Apply(session, source.Path, training, validation);
        if (!TrainingRun.CanResumeIn(plan.IgnoreFolder))
            RequireLabels(plan.Options, training);
        var stages = Stages(plan, training, validation, held);
        return Conclude(stages.Continue(cancellation: session.Cancellation).Selective);
    }

    /// <summary>A run that was interrupted.</summary>
    public int Resume(string folder, Func<TrainerOptions, TrainerOptions> change)
    {
        if (TrainingRun.NeverSaved(folder))
            return Hold(folder, held => BeginAgain(folder, change, held));
        TrainingRun.Open(folder, ClassesByPosition);
        return Hold(folder, held => Resume(folder, change, held));
    }

    private int Resume(string folder, Func<TrainerOptions, TrainerOptions> change, FolderLock held)
    {
        var run = TrainingRun.Open(folder, ClassesByPosition, held);
        var options = change(run.ReadOptions());
        var (training, validation) = Load(run.ReadDataset(source));
        run.RequireSameData(run.AsBegun(training, validation));
        (training, validation) = Care.Resume(session, source.Path, run, training, validation);
        using var trainer = new RunOpening(backend, training, validation).Continue(run, options);
        return Conclude(Train(trainer));
    }

    // Stopped before anything was saved: there is nothing to continue, but run.json knows what was wanted.
    private int BeginAgain(string folder, Func<TrainerOptions, TrainerOptions> change, FolderLock held)
    {
        _terminal.Remark($"note: the run in {folder} was stopped before anything was saved; it begins again");
        var run = TrainingRun.Create(folder, held: held);
        var options = change(run.ReadOptions());
        (var training, var validation, options) = Prepare(folder, options, run.ReadDataset(source));
        return TrainNew(NewRun(folder, overwrite: false, held), options, training, validation);
    }

    // Options that no network or memory plan can satisfy come to light when the trainer is made.
    private int TrainNew(TrainingRun run, TrainerOptions options, ImageDataset training, ImageDataset validation)
    {
        using var trainer = new RunOpening(backend, training, validation).Begin(() => run, options);
        return Conclude(Train(trainer));
    }

    private TwoStageTraining Stages(
        TwoStagePlan plan, ImageDataset training, ImageDataset validation, FolderLock held) =>
        new(backend, plan, training, validation)
        {
            ClassesByPosition = ClassesByPosition,
            Lock = held,
            TakeOver = TakeOver,
            TrainStage = Train,
            Estimated = prior =>
            {
                if (!_terminal.Quiet)
                    PriorPages.Print(_terminal, prior, TrainingRun.PriorIn(plan.IgnoreFolder));
            },
        };

    private (ImageDataset Training, ImageDataset Validation) Load(DatasetSource from)
    {
        from = LoadedData.Resolve(session, from);
        var (training, validation) = (LoadedData.Load(session, from, "train"), LoadedData.Load(session, from, "val"));
        if (ExpectedClasses is { } classes && classes != training.Attributes.ClassCount)
        {
            throw new InputException($"--num-classes {classes}: {from.Path} has {training.Attributes.ClassCount} "
                + $"classes; leave the option out, or give another data set");
        }
        return (training, training.Align(validation));
    }

    private TrainingResult Train(Trainer trainer)
    {
        var name = trainer.Stage switch
        {
            TrainingStage.Ignore => "stage 1 of 2, ignore",
            TrainingStage.Selective => "stage 2 of 2, selective",
            _ => "",
        };
        // Both stages hide the same labels.
        return Train(trainer, name, showsSimulation: trainer.Stage != TrainingStage.Selective);
    }

    /// <summary>Trains a run that is open, and shows how it goes.</summary>
    /// <param name="trainer">The trainer of the run.</param>
    /// <param name="name">Which of several trainings it is; empty for the only one.</param>
    /// <param name="showsSimulation">Print the labels that are hidden on purpose.</param>
    public TrainingResult Train(Trainer trainer, string name, bool showsSimulation)
    {
        if (!trainer.IsContinued)
            Introduce(trainer, name, showsSimulation);
        foreach (var note in trainer.Notes.Concat(new[] { trainer.SpaceNote }.OfType<Wording>()))
            _terminal.Remark($"note: {Terminal.OneLine(Advice.Of(note))}");
        if (Continuation is not null)
        {
            session.Continuation = () => trainer.Run.CanResume || TwoStagePlan.HoldsWork(trainer.Run.Folder)
                ? Continuation
                : Session.SameCommand;
        }

        var (page, address) = Watches ? WatchPage.Serve(trainer.Run.Folder, port: null) : default;
        using var served = page;
        if (page is not null)
            _terminal.Remark($"watch it: {address}");
        var result = Finish(trainer, name);
        _terminal.EndLine();
        return result;
    }

    private void Introduce(Trainer trainer, string name, bool showsSimulation)
    {
        var options = trainer.Options;
        _terminal.Remark($"{(name.Length > 0 ? name + ": " : "")}{options.ModelName}, "
            + $"{trainer.Training.Samples.Count} pictures for training, "
            + $"{trainer.Validation.Samples.Count} for validation, "
            + $"{options.ImageSize} x {options.ImageSize} pixels, {backend.Device.Name}");
        if (showsSimulation && trainer.Simulated is { } simulated)
            SimulationPages.Show(_terminal, simulated);
        RecipePages.Print(_terminal, options, trainer.Training);
        if (options.InitialWeights is { } weights)
            ShowTransferred(trainer, weights);
    }

    private TrainingResult Finish(Trainer trainer, string stage)
    {
        _view = new TrainingView(MemoryInUse);
        using var tracker = Mlflow is null ? null : new MlflowTracker(Mlflow);
        if (tracker is not null)
            trainer.Observe(tracker);
        try
        {
            return trainer.Train(new ProgressReport<TrainingProgress>(at => Show(at, stage)), session.Cancellation);
        }
        catch (PictureException e)
        {
            new PictureCheck(Care.Options).Remember(source.Path, e); // so that --skip-bad finds it
            throw;
        }
        finally
        {
            if (tracker?.Problem is { } problem)
                session.Complain($"note: {Advice.Of(problem)}");
        }
    }

    // What can be refused is refused before anything is written; the folder is gone again then.
    private (ImageDataset Training, ImageDataset Validation, TrainerOptions Options) Prepare(
        string folder, TrainerOptions options, DatasetSource from)
    {
        var (training, validation) = Load(from);
        if (options.PriorPath is { } prior && Files.AreSame(prior, TrainingRun.PriorIn(folder)))
        {
            throw new InputException($"--prior-path {prior}: the run writes its own prior there, and --resume would "
                + $"read that one; copy the file, or choose another --out");
        }
        RequireFiles(options, training);
        RequireLabels(options, training);
        return OutputFolder.Use(folder, "--out", () =>
        {
            (training, validation) = Care.Apply(session, source.Path, training, validation);
            return (training, validation, WithBatchSize(options, training));
        });
    }

    private TrainerOptions WithBatchSize(TrainerOptions options, ImageDataset training)
    {
        var pictures = training.Samples.Count;
        if (AutomaticBatchSize)
        {
            var found = LargestBatch.Find(backend, options, pictures, training.Attributes, session.Cancellation);
            _terminal.Remark($"--batch-size auto: {found.BatchSize} pictures need {found.NeededBytes >> 20} of the "
                + $"{found.AvailableBytes >> 20} MiB that are available on {backend.Device.Name}; an epoch has "
                + $"{(pictures + found.BatchSize - 1) / found.BatchSize} steps");
            options = options with { BatchSize = found.BatchSize };
        }
        else if (NearestBatchSize && BatchSizes.Nearest(options, options.BatchSize, pictures) is { } nearest
            && nearest != options.BatchSize)
        {
            _terminal.Remark($"note: batches of {nearest} instead of {options.BatchSize}, which would leave a batch of "
                + $"one of the {pictures} pictures");
            options = options with { BatchSize = nearest };
        }
        BatchSizes.Require(options, pictures);
        return options;
    }

    private void RequireLabels(TrainerOptions options, ImageDataset training) =>
        KnownLabels.RequireSome(
            options.Simulation?.Apply(training, session.Cancellation).Dataset ?? training, source.Path);

    // The user's input is checked before the run's folder is made, so that a wrong file leaves nothing behind.
    private void RequireFiles(TrainerOptions options, ImageDataset training)
    {
        var classes = training.Attributes.ClassCount;
        ProbabilityHead.Require(options.Head, training.Attributes);
        if (options.PriorPath is { } prior)
            PriorFile.Read(prior, training.Attributes, options.ClassesByPosition);
        if (options.InitialWeights is not { } weights)
            return;
        using var file = WeightsFile.Read(weights, cancellation: session.Cancellation);
        foreach (var remark in file.Remarks)
            session.Note($"{weights}: {remark}");
        var (given, wanted) = (Checkpoint.ModelOf(file), options.Model(classes));
        var differences = given.DifferencesFrom(wanted, body: true).ToList();
        if (differences.Count > 0)
        {
            throw new InputException(
                $"{weights}: the weights are not of {wanted.Name} as asked for: {string.Join("; ", differences)}; give "
                    + $"{(ModelOptions.Of(given) is { } option ? option + ", or " : "")}other weights");
        }
    }

    // Weight by weight only if something is not simply taken over.
    private void ShowTransferred(Trainer trainer, string path)
    {
        var all = trainer.Transferred;
        _terminal.Remark($"{path}: " + string.Join(", ", all.GroupBy(weight => weight.Kind).OrderBy(group => group.Key)
            .Select(group => $"{group.Count()} tensors {group.Key.ToString().ToLowerInvariant()}")));
        if (trainer.HeadNote is { } note)
            _terminal.Remark($"note: {Terminal.OneLine(Advice.Of(note))}");
        var rows = all.GroupBy(weight => (weight.Kind, Part: Part(weight.Name))).SelectMany(
            group => group.Key.Kind == TransferKind.Loaded
                ? [[group.Key.Part, "loaded", $"{group.Count()} tensors", $"{group.Sum(weight => weight.Elements):n0}"]]
                : group.Select(weight => new[]
                {
                    weight.Name, weight.Kind == TransferKind.New ? "new" : "ignored", weight.Shape,
                    $"{weight.Elements:n0}",
                }));
        _terminal.RemarkTable(
            TablePage.Of("Weights to start from", ["tensor", "", "shape", "values"], rows, rightFrom: 3));
    }

    // body.layer1.0.conv1... is of body.layer1
    private static string Part(string name) => string.Join('.', name.Split('.').Take(2));

    // The device's where it has its own, else this process's.
    private long? MemoryInUse() => backend.Device is { IsHost: false, Memory: { } memory }
        ? memory.Total - memory.Free
        : Environment.WorkingSet;

    private void Show(TrainingProgress at, string stage)
    {
        if (at.Note is { } note)
            _terminal.Remark($"note: {Terminal.OneLine(Advice.Of(note))}");
        if (at.Summary is { } epoch)
        {
            _view.Add(epoch, at.BestBy);
            var isBest = epoch.Best && epoch.Plain.Measure != SelectionMeasure.LastEpoch;
            _terminal.Remark(new ProgressText(
                new ProgressPart($"epoch {epoch.Epoch}/{at.Epochs}"), new ProgressPart($"loss {epoch.Loss:0.000}"),
                Quality(epoch, at.BestBy),
                new ProgressPart(
                    isBest ? $"best so far ({epoch.Better.ToString().ToLowerInvariant()} weights)" : "",
                    isBest ? "best" : ""),
                ValidationLoss(epoch), new ProgressPart($"{epoch.ImagesPerSecond:0.0} images/s"),
                new ProgressPart($"{epoch.DataWait:P0} waiting for pictures", $"wait {epoch.DataWait:P0}"),
                new ProgressPart($"{epoch.Seconds:0} s")));
            return;
        }
        _view.Add(at.Loss);
        _terminal.Progress(
            (double)at.Step / at.Steps, () => TrainingView.First(at, stage, isAlone: !_terminal.DrawsBlocks),
            below: () => _view.Below(at));
    }

    // What the better weights are chosen by.
    private static ProgressPart Quality(EpochSummary epoch, SelectionMetric named) => epoch.Plain.Measure switch
    {
        SelectionMeasure.Named => new(
            $"{SelectionMetrics.NameOf(named)} {SelectionMetrics.Text(named, epoch.Named)}, of the weight average "
                + SelectionMetrics.Text(named, epoch.AverageNamed),
            $"{SelectionMetrics.NameOf(named)} {SelectionMetrics.Text(named, epoch.Named)}"),
        SelectionMeasure.MeanAp => new(
            $"mAP {epoch.MeanAp:P2}, of the weight average {epoch.AverageMeanAp:P2}",
            $"mAP {epoch.MeanAp:P2}, averaged {epoch.AverageMeanAp:P2}"),
        SelectionMeasure.ValidationLoss => new(
            $"validation loss {epoch.ValidationLoss:0.000}, of the weight average {epoch.AverageValidationLoss:0.000}",
            $"val loss {epoch.ValidationLoss:0.000}, averaged {epoch.AverageValidationLoss:0.000}"),
        _ => new(""),
    };

    // Of the plain weights, as the loss before it, if another measure decides.
    private static ProgressPart ValidationLoss(EpochSummary epoch) =>
        epoch.Plain.Measure is SelectionMeasure.Named or SelectionMeasure.MeanAp
        ? new($"validation loss {epoch.ValidationLoss:0.000}", $"val {epoch.ValidationLoss:0.000}")
        : new("");

    private int Conclude(TrainingResult result)
    {
        if (result.StoppedEarly)
        {
            var epochs = result.Epochs.Count - result.BestEpoch;
            _terminal.Remark($"stopped: no better than epoch {result.BestEpoch} in {epochs} epochs (--patience)");
        }
        if (result.BestEpoch > 0)
        {
            var kind = result.BestWeights == WeightsKind.Average ? "averaged" : "plain";
            var why = result.Best.Measure switch
            {
                SelectionMeasure.Named => $"{SelectionMetrics.NameOf(result.BestBy)} "
                    + $"{SelectionMetrics.Text(result.BestBy, result.Best.Named)}, ",
                SelectionMeasure.MeanAp => $"mAP over annotated labels {result.Best.MeanAp:P2}, ",
                SelectionMeasure.ValidationLoss =>
                    $"validation loss {result.Best.ValidationLoss:0.000} (there is no mAP), ",
                _ => "the last, since neither mAP nor validation loss could be computed: ",
            };
            _terminal.Line($"best: {why}{kind} weights of epoch {result.BestEpoch}: {result.Run.BestFile}");
        }
        if (File.Exists(result.Run.IgnoredFile))
            PriorPages.ShowIgnored(_terminal, IgnoredLabels.Total(result.Run.IgnoredFile));
        var fold = source.Fold is { } chosen ? $" --fold {chosen}" : "";
        _terminal.Remark($"next: flixstock validate --data {source.Path}{fold} --weights {result.Run.BestFile}");
        return CommandLine.Done;
    }
}
