using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>Trains what is missing of a grid and writes its tables.</summary>
internal sealed class ExperimentJob(Session session, Backend backend, string data, string folder, int workers)
{
    private const string ResultFile = "result.json";
    private const float Threshold = 0.5f;

    private readonly TrainingOptions _options = new();
    // folder of the training with these options
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private ImageDataset? _training, _validation;

    /// <summary>What to do about pictures that cannot be read.</summary>
    public PictureCare Care { get; init; } = new();

    /// <summary>Value of <c>--take-over</c>.</summary>
    public bool TakeOver { get; init; }

    public int Run(ExperimentFile file)
    {
        var cells = file.Cells();
        var plans = cells.Select(Plan).ToList();
        foreach (var plan in plans)
            _folders.TryAdd(plan.Options.ToJson(), plan.Folder);
        Files.RequireWritableFolder(folder);
        using var held = FolderLock.Take(folder, "experiment", TakeOver);
        foreach (var name in new[] { "results.csv", "tables.md" })
            Files.RequireNoFolder(Path.Combine(folder, name), "--out");
        var done = plans.Count(plan => File.Exists(Path.Combine(plan.Folder, ResultFile)));
        session.Terminal.Remark($"{cells.Count} trainings, {done} of them done: {folder}");
        if (done > 0 && done < plans.Count)
            RequireSameData(plans);
        for (var i = 0; i < plans.Count; i++)
        {
            Finish(plans[i], $"{i + 1} of {plans.Count}, {plans[i].Cell.Simulation}, {plans[i].Cell.Method}, seed "
                + $"{plans[i].Cell.Seed}");
        }
        WriteTables(plans);
        return CommandLine.Done;
    }

    private CellPlan Plan(ExperimentCell cell)
    {
        var options = Parse(cell, cell.Options);
        // In mode selective the truth about what it leaves out is worth knowing; elsewhere nothing is chosen.
        var counted = options with
        {
            CountIgnored = options.Simulation is not null && options.Loss.Mode == PartialLossMode.Selective,
        };
        return new CellPlan(
            cell, Canonical(counted),
            cell.FirstStage is { } first ? Canonical(Parse(cell, first) with { CountIgnored = false }) : null,
            Path.Combine(folder, cell.Folder));
    }

    private TrainerOptions Parse(ExperimentCell cell, IReadOnlyDictionary<string, string> options)
    {
        var command = new Command("train");
        _options.AddTo(command);
        ReferenceOptions.AddTo(command);
        var arguments = ArgumentSpelling.Normalize(ExperimentCell.Arguments(options));
        var parsed = command.Parse(arguments);
        if (UsageErrors.Find(parsed, arguments) is { } wrong)
            throw new InputException($"{cell.Simulation}, {cell.Method}: {wrong}");
        var read = _options.Read(parsed) with { Workers = workers };
        return _options.IsAutomatic(parsed) ? read with { BatchSize = BatchSize(cell, read) } : read;
    }

    // What was begun keeps the number that was found for it.
    private int BatchSize(ExperimentCell cell, TrainerOptions options) =>
        TrainingRun.OptionsIn(Path.Combine(folder, cell.Folder))?.BatchSize
        ?? LargestBatch.Find(backend, options, Training.Samples.Count, Training.Attributes).BatchSize;

    private ImageDataset Training => Load().Training;

    // Mode ignore has no use for what concerns un-annotated labels: trainings that differ in that alone are one.
    private static TrainerOptions Canonical(TrainerOptions options) => options.Loss.Mode != PartialLossMode.Ignore
        ? options
        : options with
        {
            PriorPath = null,
            Loss = SelectiveLossOptions.Default with
            {
                Mode = PartialLossMode.Ignore,
                GammaPositive = options.Loss.GammaPositive,
                GammaNegative = options.Loss.GammaNegative,
                AlphaPositive = options.Loss.AlphaPositive,
                AlphaNegative = options.Loss.AlphaNegative,
                Clip = options.Loss.Clip,
            },
        };

    private void Finish(CellPlan plan, string name)
    {
        var path = Path.Combine(plan.Folder, ResultFile);
        if (ExperimentResult.Read(path) is { } before)
        {
            var differences = plan.Options.DifferencesTo(TrainerOptions.FromJson(before.Options));
            if (differences.Count > 0)
            {
                throw new InputException($"{path}: that training was made with other options ({differences[0]}); give "
                    + $"another --out, or delete {plan.Folder}");
            }
            return;
        }
        var (training, validation) = Load();
        var job = new TrainingJob(session, backend, data) { Care = Care, TakeOver = TakeOver };
        var options = plan.Options;
        if (plan.FirstStage is { } first)
        {
            var place = _folders.GetValueOrDefault(first.ToJson(), Path.Combine(plan.Folder, "ignore"));
            options = options with
            {
                PriorPath = job.Finish(place, first, training, validation, $"{name}: stage ignore").Run.PriorFile,
            };
        }
        var result = job.Finish(plan.Folder, options, training, validation, name);
        Result(plan.Cell, options, result, training, validation).Write(path);
    }

    // Once, when the first training needs them.
    private (ImageDataset Training, ImageDataset Validation) Load()
    {
        if (_training is null || _validation is null)
        {
            var source = new DatasetSource(data) { Cancellation = session.Cancellation };
            var training = source.Load("train");
            (_training, _validation) = Care.Apply(session, data, training, training.Align(source.Load("val")));
        }
        return (_training, _validation);
    }

    // What is trained now is compared with what is done.
    private void RequireSameData(List<CellPlan> plans)
    {
        var (training, validation) = Load();
        foreach (var run in plans.Where(plan => File.Exists(Path.Combine(plan.Folder, ResultFile)))
            .Select(plan => TrainingRun.Begun(plan.Folder)).OfType<TrainingRun>())
        {
            run.RequireSameData(run.AsBegun(training, validation));
        }
    }

    private ExperimentResult Result(
        ExperimentCell cell, TrainerOptions options, TrainingResult result, ImageDataset training,
        ImageDataset validation)
    {
        var (report, match) = Evaluate(result, options, validation);
        var ap = match.ToData(report.Annotated.Ap.Select(value => value < 0 ? -1 : 100 * value).ToArray());
        var simulated = options.Simulation?.Apply(training, session.Cancellation);
        var truth = simulated?.Before ?? ClassFrequencies.Of(training, session.Cancellation);
        var prior = new PriorComparison(
            PriorFile.Read(result.Run.PriorFile, training.Attributes).Prior, simulated?.After ?? truth,
            simulated?.Before);
        var order = Enumerable.Range(0, ap.Length).Where(k => ap[k] >= 0)
            .OrderByDescending(k => truth[k].AmongAnnotated).ThenBy(k => k).ToList();
        var third = Math.Max(1, order.Count / 3);
        double Mean(IEnumerable<int> classes) => classes.Select(k => ap[k]).DefaultIfEmpty(double.NaN).Average();
        var last = result.Epochs[^1];
        string[] Names(IEnumerable<int> classes) => [.. classes.Select(k => training.Attributes.ClassNames[k])];
        return new ExperimentResult
        {
            Method = cell.Method,
            Simulation = cell.Simulation,
            Seed = cell.Seed,
            MeanAp = 100 * result.Best.MeanAp,
            ValidationLoss = result.Best.ValidationLoss,
            LastMeanAp = 100 * Math.Max(last.MeanAp, last.AverageMeanAp),
            LastPlainMeanAp = 100 * last.MeanAp,
            LastAverageMeanAp = 100 * last.AverageMeanAp,
            CommonMeanAp = Mean(order.Take(third)),
            RareMeanAp = Mean(order.TakeLast(third)),
            FewPositives = [.. report.Classes.Where(c => c.Support is > 0 and < ClassMetrics.FewestForInterval)
                .Select(c => c.Name)],
            MacroF1 = report.AtThreshold.Macro.F1,
            KnownShare = 100 * (simulated?.KnownShare ?? 1),
            ClassAp = ap,
            Seconds = result.Epochs.Sum(epoch => epoch.Seconds),
            PriorRankCorrelation = prior.TrueRankCorrelation,
            AnnotatedRankCorrelation = prior.AnnotatedRankCorrelation,
            TopClasses = Names(prior.Top(5)),
            TrueTopClasses = Names(prior.TrulyTop(5)),
            LeftOutClasses = Names(LeftOut(options, training.Attributes)),
            Ignored = options.CountIgnored ? IgnoredLabels.Total(result.Run.IgnoredFile) : null,
            Options = options.ToJson(),
        };
    }

    private static IEnumerable<int> LeftOut(TrainerOptions options, AttributeTable attributes)
    {
        if (options.PriorPath is not { } path || options.Loss.Mode != PartialLossMode.Selective
            || options.Loss.PriorThreshold == 0)
        {
            return [];
        }
        var prior = PriorFile.Read(path, attributes, options.ClassesByPosition).Prior;
        return Enumerable.Range(0, prior.Length).Where(k => prior[k] > options.Loss.PriorThreshold);
    }

    private (EvaluationReport Report, ClassMatch Match) Evaluate(
        TrainingResult result, TrainerOptions options, ImageDataset validation)
    {
        var loading = new BatchLoaderOptions
        {
            BatchSize = options.BatchSize,
            ImageSize = options.ImageSize,
            Workers = workers,
            ExifRotate = options.ExifRotate,
        };
        using var best = Checkpoint.Load(result.Run.BestFile);
        var match = best.Match(validation.Attributes, data);
        var arranged = match.Arrange(validation);
        var scores = Scoring.Run(session, backend, best, arranged, loading);
        var evaluation = new EvaluationOptions { Threshold = Threshold, Cancellation = session.Cancellation };
        return (Evaluator.Evaluate(scores.Values, arranged.AllLabels(), arranged.Attributes, evaluation), match);
    }

    private void WriteTables(List<CellPlan> plans)
    {
        var results = plans.Select(plan => ExperimentResult.Read(Path.Combine(plan.Folder, ResultFile))!).ToList();
        var tables = ExperimentTables.Of(results);
        foreach (var table in tables)
            session.Terminal.Table(Page(table));
        if (ExperimentTables.Note(results) is { } note)
            session.Terminal.Remark($"note: {note}");
        Files.WriteAtomically(Path.Combine(folder, "results.csv"), ExperimentTables.ToCsv(results));
        Files.WriteAtomically(
            Path.Combine(folder, "tables.md"), string.Join('\n', tables.Select(table => table.ToMarkdown())));
        session.Terminal.Line($"written: {Path.Combine(folder, "results.csv")}, {Path.Combine(folder, "tables.md")}");
    }

    // Words are in the columns of class names, numbers in all others; the first two are always shown.
    private TablePage Page(ExperimentTable table) => new(
        table.Title,
        [
            .. table.Header.Select((heading, i) => i == 0
                ? TableColumn.Name(heading)
                : table.Rows.Any(row => row[i].Contains(", ", StringComparison.Ordinal))
                    ? TableColumn.Text(heading, i)
                    : TableColumn.Number(heading, i - 1)),
        ],
        [.. table.Rows.Select(row => new TableRow(row))])
    {
        Elsewhere = $"all is in {Path.Combine(folder, "tables.md")}",
    };

    private sealed record CellPlan(
        ExperimentCell Cell, TrainerOptions Options, TrainerOptions? FirstStage, string Folder);
}
