using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The subject of a report.</summary>
internal sealed record ReportRequest
{
    /// <summary>Folders of runs, at least one.</summary>
    public required IReadOnlyList<string> Runs { get; init; }

    /// <summary>The page; null: report.html in the run's folder, or for several runs in the current one.</summary>
    public string? Output { get; init; }

    /// <summary>Folder of the data set of all runs; null: what each run says.</summary>
    public string? Data { get; init; }

    /// <summary>Threads that read pictures.</summary>
    public required int Workers { get; init; }

    /// <summary>Where to compute; opened when there is something to compute.</summary>
    public required DeviceRequest Device { get; init; }

    /// <summary>How much is computed and shown.</summary>
    public required ReportOptions Options { get; init; }
}

/// <summary>Reads runs, evaluates their best weights as far as their data is there, and writes the page.</summary>
internal static class ReportJob
{
    private const string PageName = "report.html";

    public static int Run(Session session, ReportRequest request)
    {
        RequireRuns(request.Runs);
        var file = request.Output is { } given
            ? HtmlFile.Require(given, "--out")
            : request.Runs is [var only] ? TrainingRun.At(only).ReportFile : session.Places.Here(PageName);
        if (request.Data is { } data && !Directory.Exists(data))
            throw new InputException($"--data {data}: there is no such folder; give the folder of the data set");
        var names = RunReport.Names(request.Runs);
        // All folders first: a wrong one is said before the work.
        var runs = request.Runs.Select((folder, i) => RunReport.Read(folder, names[i])).ToList();
        Files.RequireNoFolder(file);
        runs = runs.ConvertAll(run => Evaluated(session, request, run));
        var page = ReportPage.Of(runs, request.Options, cancellation: session.Cancellation);
        Files.WriteAtomically(file, page);
        session.Terminal.Line($"written: {file}");
        return CommandLine.Done;
    }

    private static void RequireRuns(IReadOnlyList<string> folders)
    {
        if (folders.Count > ReportPage.MostRuns)
        {
            throw new InputException($"{folders.Count} runs are too many for one page; give at most "
                + $"{ReportPage.MostRuns}");
        }

        for (var i = 1; i < folders.Count; i++)
        {
            if (folders.Take(i).Any(other => Files.AreSame(other, folders[i])))
                throw new InputException($"{folders[i]}: this run is given twice; leave one out");
        }
    }

    private static RunReport Evaluated(Session session, ReportRequest request, RunReport run)
    {
        if (WhyNot(request, run) is { } reason)
            return Without(session, run, reason);
        var backend = session.Open(request.Device);
        try
        {
            return Evaluate(session, request, run, backend);
        }
        catch (Exception e) when (e is InputException or EngineException)
        {
            // What the run has learnt is worth a page even where its data or weights are not what they were.
            return Without(session, run, Advice.Of(e));
        }
    }

    private static RunReport Without(Session session, RunReport run, string reason)
    {
        session.Note($"{run.Facts.Folder}: the page shows the training alone: {reason}");
        return run with { WhyNot = $"The best weights are not evaluated here: {reason}." };
    }

    private static string? WhyNot(ReportRequest request, RunReport run)
    {
        var best = TrainingRun.At(run.Facts.Folder).BestFile;
        var data = request.Data ?? run.Facts.DataFolder;
        return !File.Exists(best) ? $"{best} is not there; it comes with the first epoch"
            : data.Length == 0 ? "run.json does not say where the data set is; give its folder with --data"
            : !Directory.Exists(data)
                ? $"the data set was in {data}, which is not there any more; give its folder with --data"
                : null;
    }

    private static RunReport Evaluate(Session session, ReportRequest request, RunReport run, Backend backend)
    {
        using var checkpoint = Checkpoint.Load(TrainingRun.At(run.Facts.Folder).BestFile, session.Cancellation);
        var calibration = checkpoint.Calibration ?? FittedBeside(checkpoint, session.Cancellation);
        var source = TrainingRun.ReadDataset(
            run.Facts.Folder, new DatasetSource(request.Data ?? run.Facts.DataFolder)
            {
                Cancellation = session.Cancellation,
            });
        var (model, validation, match, _) = MatchedData.Load(session, checkpoint, source, "val", byPosition: false);
        var options = new BatchLoaderOptions
        {
            BatchSize = 8,
            Preparation = checkpoint.Preparation,
            Workers = request.Workers,
        };
        var scores = Scoring.Logits(session, backend, model, validation, options.With(int.MaxValue));
        var training = Training(source);
        var changes = training is null
            ? ["its training pictures cannot be read any more"]
            : TrainingRun.At(run.Facts.Folder).ChangesSince(training, source.Load("val"));
        if (changes.Count > 0)
        {
            session.Note($"{run.Facts.Folder}: the data set is not as it was when the run was begun: "
                + string.Join("; ", changes));
        }
        return run with
        {
            DataChanges = changes,
            Evaluation = RunEvaluation.Of(
                scores.Values, scores.Dataset, model.With(calibration), request.Options,
                training: training is null ? null : PartLabels.Of(match.Arrange(training)),
                cancellation: session.Cancellation),
        };
    }

    // Without --in-place 'thresholds' writes a file of its own; one that is of other weights does not count.
    private static ClassCalibration? FittedBeside(Checkpoint best, CancellationToken cancellation)
    {
        var file = ThresholdsCommand.NextTo(best.Path);
        if (!File.Exists(file))
            return null;
        using var fitted = Checkpoint.Load(file, cancellation);
        return (fitted.Step, fitted.Weights, fitted.MeanAp) == (best.Step, best.Weights, best.MeanAp)
            ? fitted.Calibration
            : null;
    }

    // Only counted, so that a page can do without it.
    private static ImageDataset? Training(DatasetSource source)
    {
        try
        {
            return source.Load("train");
        }
        catch (InputException)
        {
            return null;
        }
    }
}
