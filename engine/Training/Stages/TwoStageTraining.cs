namespace Flixstock.Engine;

/// <summary>
/// Trains in two stages, as the paper does: mode ignore into <c>folder/ignore</c>, the class prior that this network
/// estimates, mode selective with that prior into the folder. The folder ends up with the files of both runs, a chart
/// of the prior (<c>ignore/prior.png</c>) and the plan, by which a training that was stopped in either stage continues
/// to the same bytes.
/// </summary>
/// <param name="backend">The backend to compute on.</param>
/// <param name="plan">The plan, from <see cref="TwoStagePlan.Begin"/> or <see cref="TwoStagePlan.Open"/>.</param>
/// <param name="training">The pictures and labels to learn from.</param>
/// <param name="validation">The pictures and labels to choose the best epoch by.</param>
/// <remarks>Threads: one at a time.</remarks>
/// <example>
/// <code>
/// var began = TwoStagePlan.Exists("run");
/// var plan = began ? TwoStagePlan.Open("run") : TwoStagePlan.Begin("run", options);
/// var stages = new TwoStageTraining(backend, plan, training, validation);
/// var result = began ? stages.Continue() : stages.Begin();
/// using var predictor = Predictor.Load(result.Selective.Run.BestFile);
/// </code>
/// </example>
public sealed class TwoStageTraining(Backend backend, TwoStagePlan plan, ImageDataset training, ImageDataset validation)
{
    private const string Work = "training";

    /// <summary>On continuing, take the data set's classes in their order, whatever their names are.</summary>
    public bool ClassesByPosition { get; init; }

    /// <summary>The lock of the plan's folder if the caller holds it; null to take it for the training.</summary>
    public FolderLock? Lock { get; init; }

    /// <summary>Replace a lock that another machine has left.</summary>
    public bool TakeOver { get; init; }

    /// <summary>
    /// Trains one stage, whose trainer is open, by calling <see cref="Trainer.Train"/>; a program can print before and
    /// after it. Null to train the stage and do nothing else.
    /// </summary>
    public Func<Trainer, TrainingResult>? TrainStage { get; init; }

    /// <summary>Receives the prior between the two stages; may be null.</summary>
    public Action<PriorComparison>? Estimated { get; init; }

    /// <summary>
    /// Trains both stages from their start. What the folder held before is replaced when the first stage's run is open.
    /// </summary>
    /// <param name="progress">Receives every step and epoch, unless <see cref="TrainStage"/> trains the stages.</param>
    /// <param name="cancellation">Stops within a step; what was trained is saved for <see cref="Continue"/>.</param>
    /// <exception cref="InputException">An option or a file does not fit, or the folder is in use.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public TwoStageResult Begin(
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Locked((held, ignore) =>
        {
            var first = Opening(TrainingStage.Ignore).Begin(() => plan.CreateIgnore(ignore), plan.Ignore);
            return Run(first, held, progress, cancellation);
        });

    /// <summary>
    /// Trains what is left of the stages. A stage that is done is only read; one that never saved anything begins.
    /// </summary>
    /// <param name="progress">Receives every step and epoch, unless <see cref="TrainStage"/> trains the stages.</param>
    /// <param name="cancellation">Stops within a step; what was trained is saved.</param>
    /// <exception cref="InputException">The data set is not the one that the training was begun with, an option
    /// differs, or the folder is in use.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the state is saved.</exception>
    public TwoStageResult Continue(
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default) =>
        Locked((held, ignore) =>
        {
            var first = ContinueOrBegin(TrainingStage.Ignore, plan.IgnoreFolder, plan.Ignore, ignore);
            return Run(first, held, progress, cancellation);
        });

    // Both folders are held to the end: the second stage reads what the first has left.
    private TwoStageResult Locked(Func<FolderLock, FolderLock, TwoStageResult> work)
    {
        TwoStageResult WithIgnore(FolderLock held) =>
            WorkFolder.Hold(plan.IgnoreFolder, Work, TakeOver, ignore => work(held, ignore));
        return Lock is { } held ? WithIgnore(held) : WorkFolder.Hold(plan.Folder, Work, TakeOver, WithIgnore);
    }

    private TwoStageResult Run(
        Trainer opened, FolderLock held, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var ignore = Train(opened, progress, cancellation);
        var prior = Compare(ignore.Run.PriorFile, cancellation);
        prior.WriteChart(Path.ChangeExtension(ignore.Run.PriorFile, ".png"));
        Estimated?.Invoke(prior);
        var selective = ContinueOrBegin(TrainingStage.Selective, plan.Folder, plan.Selective, held);
        return new TwoStageResult(ignore, prior, Train(selective, progress, cancellation));
    }

    private TrainingResult Train(Trainer opened, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        using (opened)
            return TrainStage is { } train ? train(opened) : opened.Train(progress, cancellation);
    }

    private PriorComparison Compare(string priorFile, CancellationToken cancellation)
    {
        var simulated = plan.Options.Simulation?.Apply(training, cancellation);
        return new PriorComparison(
            PriorFile.Read(priorFile, training.Attributes, ClassesByPosition).Prior,
            simulated?.After ?? ClassFrequencies.Of(training, cancellation), simulated?.Before)
        {
            Threshold = plan.Selective.Loss.PriorThreshold,
        };
    }

    private Trainer ContinueOrBegin(TrainingStage stage, string folder, TrainerOptions options, FolderLock held) =>
        Opening(stage).ContinueOrBegin(folder, TrainingRun.WithOwnLearningRate(folder, options), held);

    private RunOpening Opening(TrainingStage stage) =>
        new(backend, training, validation) { ClassesByPosition = ClassesByPosition, Stage = stage };
}

/// <summary>Result of a training in two stages.</summary>
/// <param name="Ignore">Result of the first stage.</param>
/// <param name="Prior">The prior that the first stage estimated, compared with what the annotations say.</param>
/// <param name="Selective">Result of the second stage, and so of the training.</param>
public sealed record TwoStageResult(TrainingResult Ignore, PriorComparison Prior, TrainingResult Selective);
