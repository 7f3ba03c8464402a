using System.Diagnostics;

namespace Flixstock.Engine;

/// <summary>
/// Trains a network on a data set into a run's folder: one-cycle Adam with a weight average, validation of plain and
/// averaged weights after every epoch, the better of the two kept. Whatever ends it, what was trained is saved first;
/// cancelling cuts the step short, which then leaves no trace, and throws <see cref="OperationCanceledException"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed partial class Trainer : IDisposable
{
    private readonly Backend _backend;
    private readonly ImageDataset _training, _validation;
    private readonly TrainerOptions _options;
    private TrainingRun _run;
    private readonly Network _network;
    private readonly ILearningRateSchedule _schedule;
    private readonly BatchLoader _loader, _validationLoader;
    private bool _disposed;
    private readonly TrainingStep _step;
    private readonly List<EpochSummary> _epochs = [];
    private readonly IgnoredLabels? _ignored;
    private readonly SelfLabels? _selfLabels;
    // between the layers of a step on the processor; a GPU's steps are short
    private readonly CancellationRanges? _stop;
    private readonly List<Wording> _notes;
    private long _picturesSeen;
    private int _unconfirmed; // pictures among them whose step may still turn out not to be finite
    private int _skipped; // steps of this epoch
    private readonly Loss _loss;
    private readonly ValidationLoss _validationLoss;
    private ModelScore _best = ModelScore.None;
    private readonly LossHistory _history = new();
    private readonly TrainingObservers _observers = new();
    private readonly EventPictures? _pictures;
    private TimeSpan _waitedBefore; // this epoch
    private int _pendingPictures; // of the step whose loss is not known yet
    private double _lossSum;
    private float _lastLoss;
    private int _bestEpoch;
    private WeightsKind _bestWeights;

    /// <summary>
    /// Builds network, optimizer, loaders and memory plans. Nothing is written before <see cref="Open"/>.
    /// </summary>
    /// <param name="backend">The device to compute on.</param>
    /// <param name="training">Pictures and labels to learn from.</param>
    /// <param name="validation">Pictures and labels to choose the best epoch by.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="run">The folder of a new run, or of one to continue.</param>
    /// <param name="resume">
    /// Continue from the run's state, to the same numbers as a run that was never interrupted.
    /// </param>
    /// <exception cref="InputException">An option or a file does not fit; names it.</exception>
    public Trainer(
        Backend backend, ImageDataset training, ImageDataset validation, TrainerOptions options, TrainingRun run,
        bool resume = false)
    {
        options.Validate();
        if (training.Samples.Count == 0 || validation.Samples.Count == 0)
        {
            throw new InputException($"there are {training.Samples.Count} training and {validation.Samples.Count} "
                + $"validation pictures; both need at least one");
        }
        (training, validation) = resume ? run.Continue(training, validation) : (training, training.Align(validation));
        Simulated = options.Simulation?.Apply(training);
        training = Simulated?.Dataset ?? training;
        Wording? pseudoNote = null;
        if (options.PseudoLabels is { } scores)
            (training, pseudoNote) = scores.Apply(training);
        KnownLabels.RequireSome(training, "training");
        BatchSizes.Require(options, training.Samples.Count);
        SelectionNote = KnownLabels.Of(validation).SelectionNote;
        LabelNote = KnownLabels.Of(training).TrainingNote(options);
        if (backend.Device.IsHost)
            backend = backend.Observed(_stop = new CancellationRanges(backend.Ranges, CancellationToken.None));
        (_backend, _training, _validation, _options, _run) = (backend, training, validation, options, run);
        ProbabilityHead.Require(options.Objective.Head, training.Attributes);
        var classes = training.Attributes.ClassCount;
        float[]? prior = null;
        string? priorNote = null;
        if (options.PriorPath is { } path)
            (prior, priorNote) = PriorFile.Read(path, training.Attributes, options.ClassesByPosition);
        _selfLabels = SelfLabels.Of(options, training, prior, Simulated?.Original.Samples);
        _loader = new BatchLoader(training.Samples, classes, Loading(options, training) with
        {
            HasSoftLabels = _selfLabels is { IsSoft: true },
        });
        _validationLoader = new BatchLoader(validation.Samples, classes, Loading(options));
        _schedule = options.ScheduleOf(options.Epochs * _loader.BatchesPerEpoch);
        var model = options.Model(classes);
        model.RequirePrecision(backend.Precision);
        _network = model.Create(backend);
        _network.Initialize(options.Seed);
        if (!resume && options.InitialWeights is { } weights)
        {
            (Transferred, HeadNote) =
                InitialHead.Load(weights, training.Attributes, _network, options.ClassesByPosition);
        }
        (var resolved, var topKNote) = HiddenPositives.Resolve(options, prior, training);
        Wording?[] notes = [priorNote, LabelNote, SelectionNote, pseudoNote, _selfLabels?.Note, topKNote];
        _notes = [.. run.Notes, .. notes.OfType<Wording>()];
        _loss = resolved.Objective.Create(new LossContext(backend, training.Attributes, prior, options.Epochs));
        if (_loss.LabelType == ElementType.Int8 && training.Samples.Any(sample => sample.SoftLabels is not null))
        {
            throw new InputException("the pictures have soft targets, and the loss reads labels of 1, 0 and unknown "
                + "only: give a loss that reads them");
        }
        _step = new TrainingStep(_network, _loss, options.Steps(_schedule, training.Samples.Count));
        _validationLoss = new ValidationLoss(_loss, options, training.Samples.Count, validation);
        if (options.CountIgnored)
            _ignored = new IgnoredLabels(Simulated!.Original.Samples, resolved.Loss, prior);
        _resume = resume;
        _pictures = options.LogPictures ? new EventPictures(validation, _loss.Head, options.ExifRotate) : null;
        var details = new EventDetails(
            options.LogHistograms ? () => _network.PresentState(_network.Buffer.Values, _network.BatchesTracked) : null,
            _pictures);
        foreach (var file in new ITrainingObserver[] { new MetricsFile(), new StepsFile(), new EventsFile(details) })
            _observers.Add(file);
    }

    /// <summary>Adds an observer, before <see cref="Train"/>.</summary>
    /// <param name="observer">Is told what the training does.</param>
    /// <exception cref="InvalidOperationException">The training has begun.</exception>
    public void Observe(ITrainingObserver observer) => _observers.Add(observer);

    /// <summary>What <see cref="TrainerOptions.Simulation"/> did; null without one.</summary>
    public SimulatedLabels? Simulated { get; }

    /// <summary>The run that is trained.</summary>
    public TrainingRun Run => _run;

    /// <summary>
    /// What is worth telling before the training begins: classes in another order, what is odd about the prior and the
    /// labels. One line each.
    /// </summary>
    public IReadOnlyList<Wording> Notes => _notes;

    /// <summary>
    /// Why mAP cannot be computed on the validation pictures, and which measure decides instead; null if it can.
    /// </summary>
    public string? SelectionNote { get; }

    /// <summary>An oddity of the known training labels; null if there is none.</summary>
    public Wording? LabelNote { get; }

    /// <summary>
    /// What became of the tensors of <see cref="TrainerOptions.InitialWeights"/>; empty without such a file.
    /// </summary>
    public IReadOnlyList<TransferredWeight> Transferred { get; } = [];

    /// <summary>
    /// What the classes of <see cref="TrainerOptions.InitialWeights"/> mean for the classifier, if they are not the
    /// data set's in the
    /// same order.
    /// </summary>
    public Wording? HeadNote { get; }

    private int StepsPerEpoch => _loader.BatchesPerEpoch;

    private int LabelsPerPicture => LabelsOf(_training.Attributes, _loss.Head);

    /// <summary>Terms of a picture's loss: its classes, or its attributes if their classes share one term.</summary>
    internal static int LabelsOf(AttributeTable attributes, HeadKind head) =>
        head == HeadKind.Grouped ? attributes.Groups.Count : attributes.ClassCount;

    private int PicturesPerStep => _options.PicturesPerUpdate(_training.Samples.Count);

    private int LabelsPerBatch => PicturesPerStep * LabelsPerPicture;

    private TrainingStart Start() => new(
        _run, _options, StepsPerEpoch, _position.Steps(StepsPerEpoch), [.. _epochs], LabelsPerBatch);

    /// <summary>Trains all epochs that are left, after <see cref="Open"/>.</summary>
    /// <exception cref="NonFiniteLossException">
    /// A loss is not finite; names the step, the first layer and the pictures. The state is saved.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public TrainingResult Train(IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        Open();
        if (_stop is not null)
            _stop.Cancellation = cancellation;
        try
        {
            _observers.Begin(Start());
            while (_position.Epoch <= _options.EpochsToTrain && !IsOutOfPatience)
                TrainAndValidate(_position.Epoch, progress, cancellation);
            _observers.End(failure: null);
        }
        catch (Exception e)
        {
            if (Keep(e) is { } instead)
                throw instead;
            throw;
        }

        if (_epochs.Count > 0)
            TrainingCurves.Save(_run.CurvesFile, Curves());
        return new TrainingResult(_run, _epochs, _best, _bestEpoch, _bestWeights)
        {
            BestBy = _options.BestBy,
            StoppedEarly = _position.Epoch <= _options.EpochsToTrain,
        };
    }

    private RunCurves Curves() => new(
        "", _epochs, [.. _history.Points.Select(at => new StepLoss((int)Math.Round(at.Step), 0, at.Loss, double.NaN))])
    {
        LabelsPerBatch = LabelsPerBatch,
    };

    // Between epochs: of the last ones none was better than the best before them.
    private bool IsOutOfPatience => _options.Patience is { } patience && _position.Batch == 0 && _bestEpoch > 0
        && _position.Epoch - 1 - _bestEpoch >= patience;

    /// <summary>Frees memory and stops the loaders.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _loader.Dispose();
        _validationLoader.Dispose();
        _validationLoss.Dispose();
        _step.Dispose();
        _loss.Dispose();
        _network.Dispose();
        _ownLock?.Dispose();
    }

    private void TrainAndValidate(int epoch, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        _waitedBefore = _loader.Waited;
        var loss = TrainEpoch(epoch, _position.Batch, watch, progress, cancellation);
        var trained = watch.Elapsed.TotalSeconds;
        var wait = (_loader.Waited - _waitedBefore).TotalSeconds / trained;
        if (_options.KeepResumeState)
            SaveState();
        GiveLabels(epoch, cancellation);
        var summary = Validate(epoch, loss, trained, wait, watch, cancellation);
        _position = new RunPosition(epoch + 1, 0);
        _observers.EndEpoch(summary);
        TrainingCurves.SaveSvg(_run.CurvesFile, Curves());
        if (_options.KeepResumeState)
            SaveState();
        var report = Progress(epoch, epoch * StepsPerEpoch, (float)loss, watch, StepsPerEpoch, summary);
        progress?.Report(report with { Note = TakeNote() });
    }

    private double TrainEpoch(
        int epoch, int firstBatch, Stopwatch watch, IProgress<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        if (firstBatch == 0)
            (_lossSum, _skipped) = (0, 0);
        var lastSave = watch.Elapsed;
        _loader.StartEpoch(epoch, firstBatch);
        for (var batchIndex = firstBatch; _loader.TryNext(out var batch, cancellation); batchIndex++)
        {
            var step = ((epoch - 1) * StepsPerEpoch) + batchIndex + 1;
            TrainStep(batch, step);
            progress?.Report(
                Progress(epoch, step, _lastLoss, watch, batchIndex + 1 - firstBatch, null) with { Note = TakeNote() });
            cancellation.ThrowIfCancellationRequested();
            if (!_options.KeepResumeState || (step % (_options.SaveSteps ?? int.MaxValue) != 0
                && watch.Elapsed - lastSave <= _options.SaveInterval))
            {
                continue;
            }
            Settle();
            SaveState();
            lastSave = watch.Elapsed;
        }
        Settle();
        _loss.EndEpoch(epoch);
        return _lossSum / Math.Max(1, StepsPerEpoch - _skipped);
    }

    private EpochSummary Validate(
        int epoch, double loss, double seconds, double wait, Stopwatch watch, CancellationToken cancellation)
    {
        // Both are read from the device whenever they are needed: nothing changes them before the next epoch.
        var plainState = _network.PresentState(_network.Buffer.Values, _network.BatchesTracked);
        var averageState = _network.PresentState(_step.Adam.Average, _step.Average.BatchesTracked);
        _validationLoss.Update(epoch, epoch * StepsPerEpoch);
        var labels = _validation.AllLabels();
        var ((plain, plainLoss), (average, averageLoss)) =
            (Evaluate(plainState, WeightsKind.Plain, labels, cancellation),
            Evaluate(averageState, WeightsKind.Average, labels, cancellation));
        var step = epoch * StepsPerEpoch;
        var summary = new EpochSummary(
            epoch, step, loss, _schedule.At(step - 1).LearningRate, plain.MeanAveragePrecision / 100,
            average.MeanAveragePrecision / 100, plain.ReferenceMeanAveragePrecision / 100,
            average.ReferenceMeanAveragePrecision / 100, Best: false, watch.Elapsed.TotalSeconds,
            _training.Samples.Count / seconds, plainLoss, averageLoss, Math.Clamp(wait, 0, 1))
        {
            Named = SelectionMetrics.Of(_options.BestBy, plain, plainLoss),
            AverageNamed = SelectionMetrics.Of(_options.BestBy, average, averageLoss),
        };
        var better = summary.Better == WeightsKind.Average ? summary.Average : summary.Plain;
        // If nothing can be measured, the last epoch is the best guess; if the best weights were removed, these are the
        // best available.
        var best = better.Beats(_best) || better.Measure == SelectionMeasure.LastEpoch || _bestEpoch == 0
            || !File.Exists(_run.BestFile);
        if (best)
            (_best, _bestEpoch, _bestWeights) = (better, epoch, summary.Better);
        summary = summary with { Best = best };
        _epochs.Add(summary);
        _run.StayPresent();
        Save(plainState, WeightsKind.Plain, epoch, plain, _run.LastFile);
        Save(averageState, WeightsKind.Average, epoch, average, _run.AverageFile);
        if (best)
        {
            var (state, report) = summary.Better == WeightsKind.Average ? (averageState, average) : (plainState, plain);
            Save(state, summary.Better, epoch, report, _run.BestFile);
        }
        if (_loss.Head == HeadKind.Sigmoid)
            PriorFile.Write(_run.PriorFile, Prior(), _training.Attributes.ClassNames);
        _ignored?.EndEpoch(epoch, _run.IgnoredFile);
        return summary;
    }

    private (EvaluationReport Report, double Loss) Evaluate(
        StateDict state, WeightsKind kind, sbyte[] labels, CancellationToken cancellation)
    {
        using var folded = FoldedNetwork.FromWithin(_step.Arena, state, _network.Description, _backend);
        var scores = NetworkScorer.Logits(
            folded, _validationLoader, _validation.Samples.Count, cancellation: cancellation);
        var loss = _validationLoss.Of(scores, labels);
        _pictures?.Keep(kind, scores);
        new ProbabilityHead(_validation.Attributes, _loss.Head).Apply(scores, scores);
        return (
            Evaluator.Evaluate(
                scores, labels, _validation.Attributes, new EvaluationOptions { Cancellation = cancellation }),
            loss);
    }

    private float[] Prior() => Array.ConvertAll(
        _backend.Device.ToHost<float>(_step.PriorSums), sum => _picturesSeen == 0 ? 0 : sum / _picturesSeen);

    private void Save(StateDict state, WeightsKind kind, int epoch, EvaluationReport report, string path) =>
        new Checkpoint
        {
            State = state,
            Model = _network.Description,
            Attributes = _training.Attributes,
            Preparation = _options.Preparation,
            Head = _loss.Head,
            Weights = kind,
            Epoch = epoch,
            Step = epoch * StepsPerEpoch,
            MeanAp = double.IsFinite(report.MeanAveragePrecision) ? report.MeanAveragePrecision / 100 : null,
        }.Save(path);

    private TrainingProgress Progress(
        int epoch, int step, float loss, Stopwatch watch, int stepsOfThisEpoch, EpochSummary? summary)
    {
        var steps = _options.EpochsToTrain * StepsPerEpoch;
        var perStep = watch.Elapsed / Math.Max(1, stepsOfThisEpoch);
        return new TrainingProgress(
            epoch, _options.EpochsToTrain, step, steps, loss, _schedule.At(step - 1).LearningRate,
            Math.Min(_options.UpdateSize, _training.Samples.Count) / perStep.TotalSeconds, perStep * (steps - step),
            summary, Stage, DataWait: Math.Clamp((_loader.Waited - _waitedBefore) / watch.Elapsed, 0, 1))
        {
            BestBy = _options.BestBy,
        };
    }

    /// <summary>How pictures to learn from are loaded: a step is given those of a whole update.</summary>
    internal static BatchLoaderOptions Loading(TrainerOptions options, ImageDataset training) => Loading(options) with
    {
        BatchSize = options.UpdateSize,
        Order = options.Order(training),
        Augmentation = options.Augmentation,
        SpliceMix = options.SpliceMix,
    };

    private static BatchLoaderOptions Loading(TrainerOptions options) => new()
    {
        BatchSize = options.BatchSize,
        Preparation = options.Preparation,
        Workers = options.Workers,
        Seed = options.Seed,
    };
}
