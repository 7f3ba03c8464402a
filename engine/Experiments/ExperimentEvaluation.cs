namespace Flixstock.Engine;

/// <summary>Makes the result of one training of a grid.</summary>
/// <param name="cell">The cell of the grid.</param>
/// <param name="options">The options that it was trained with.</param>
/// <param name="training">The training pictures, with all their labels.</param>
/// <param name="validation">The validation pictures.</param>
internal sealed class ExperimentEvaluation(
    ExperimentCell cell, TrainerOptions options, ImageDataset training, ImageDataset validation)
{
    private const float Threshold = 0.5f;

    /// <summary>Evaluates the best weights on the validation pictures.</summary>
    /// <param name="result">What the training came to.</param>
    /// <param name="score">Computes probabilities.</param>
    /// <param name="cancellation">Stops in the middle.</param>
    public ExperimentResult Of(
        TrainingResult result, Func<Checkpoint, ImageDataset, BatchLoaderOptions, DatasetScores> score,
        CancellationToken cancellation)
    {
        var (report, match) = Evaluate(result, score, cancellation);
        var ap = match.ToData(report.Annotated.Ap.Select(value => value < 0 ? -1 : 100 * value).ToArray());
        var simulated = options.Simulation?.Apply(training, cancellation);
        var truth = simulated?.Before ?? ClassFrequencies.Of(training, cancellation);
        var prior = new PriorComparison(
            PriorFile.Read(result.Run.PriorFile, training.Attributes).Prior, simulated?.After ?? truth,
            simulated?.Before);
        var order = Enumerable.Range(0, ap.Length).Where(k => ap[k] >= 0)
            .OrderByDescending(k => truth[k].AmongAnnotated).ThenBy(k => k).ToList();
        var third = Math.Max(1, order.Count / 3);
        double Mean(IEnumerable<int> classes) => classes.Select(k => ap[k]).DefaultIfEmpty(double.NaN).Average();
        var last = result.Epochs[^1];
        return new ExperimentResult
        {
            Method = cell.Method,
            Simulation = cell.Simulation,
            Seed = cell.Seed,
            Fold = cell.Fold?.ToString(),
            MeanAp = 100 * result.Best.MeanAp,
            ValidationLoss = result.Best.ValidationLoss,
            LastMeanAp = 100 * Math.Max(last.MeanAp, last.AverageMeanAp),
            LastPlainMeanAp = 100 * last.MeanAp,
            LastAverageMeanAp = 100 * last.AverageMeanAp,
            CommonMeanAp = Mean(order.Take(third)),
            RareMeanAp = Mean(order.TakeLast(third)),
            FewPositives = [.. FewPositives(report)],
            MacroF1 = report.AtThreshold.Macro.F1,
            KnownShare = 100 * (simulated?.KnownShare ?? KnownLabels.Of(training).Share),
            ClassAp = ap,
            Seconds = result.Epochs.Sum(epoch => epoch.Seconds),
            PriorRankCorrelation = prior.TrueRankCorrelation,
            AnnotatedRankCorrelation = prior.AnnotatedRankCorrelation,
            TopClasses = Names(prior.Top(5)),
            TrueTopClasses = Names(prior.TrulyTop(5)),
            LeftOutClasses = Names(LeftOut()),
            Ignored = options.CountIgnored ? IgnoredLabels.Total(result.Run.IgnoredFile) : null,
            Options = options.ToJson(),
        };
    }

    private static IEnumerable<string> FewPositives(EvaluationReport report) => report.Classes
        .Where(c => c.Support is > 0 and < ClassMetrics.FewestForInterval).Select(c => c.Name);

    private string[] Names(IEnumerable<int> classes) => [.. classes.Select(k => training.Attributes.ClassNames[k])];

    private IEnumerable<int> LeftOut()
    {
        if (options.PriorPath is not { } path || options.Loss.Mode != PartialLossMode.Selective
            || options.Loss.PriorThreshold == 0)
        {
            return [];
        }
        var prior = PriorFile.Read(path, training.Attributes, options.ClassesByPosition).Prior;
        return Enumerable.Range(0, prior.Length).Where(k => prior[k] > options.Loss.PriorThreshold);
    }

    private (EvaluationReport Report, ClassMatch Match) Evaluate(
        TrainingResult result, Func<Checkpoint, ImageDataset, BatchLoaderOptions, DatasetScores> score,
        CancellationToken cancellation)
    {
        var loading = new BatchLoaderOptions
        {
            BatchSize = options.BatchSize,
            Preparation = options.Preparation,
            Workers = options.Workers,
        };
        using var best = Checkpoint.Load(result.Run.BestFile, cancellation);
        var match = best.Match(
            validation.Attributes, validation.Folder.Length > 0 ? validation.Folder : "the data set");
        var arranged = match.Arrange(validation);
        var scores = score(best, arranged, loading);
        var evaluation = new EvaluationOptions { Threshold = Threshold, Cancellation = cancellation };
        return (Evaluator.Evaluate(scores.Values, arranged.AllLabels(), arranged.Attributes, evaluation), match);
    }
}
