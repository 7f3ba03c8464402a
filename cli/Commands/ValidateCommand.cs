using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock validate</c>: how good a model is.</summary>
internal static class ValidateCommand
{
    private const string Manual = """
        Runs a model over the validation (or test) pictures and compares with their labels. The headline is mAP over
        annotated labels; its 95 % interval comes from resampling the pictures. The reference's mAP, which counts every
        unknown label as a negative, is shown next to it under its own name; the two are different measures. Precision,
        recall and F1 leave unknown labels out. Each attribute is compared with always answering its commonest class.
        Everything is also written below --out: validate_SPLIT.json, and in validate_SPLIT a model card (card.md) and
        charts as PNG and SVG: precision and recall, F1 over the threshold, AP over the classes' frequency, reliability,
        probabilities, a confusion matrix for each exclusive attribute. --sheets adds contact sheets of pictures there:
        answers that are right, wrong and least certain, and suspicious labels.
        """;

    public static Command Create(Session session)
    {
        var scored = new ScoredPartOptions(session, "val", "test", "train");
        var threshold = Options.NumberOr(
            "checkpoint", "--thre", Evaluator.DefaultThreshold,
            "A probability above it is a prediction; without it those that 'flixstock thresholds' has stored in the "
                + "checkpoint, which checkpoint insists on.",
            0, 1);
        var resamples = Options.Integer(
            "--bootstrap", EvaluationOptions.DefaultResamples,
            "Resamples of the pictures for the 95 % intervals; 0: no intervals.", 0, 1_000_000);
        var seed = Options.Seed(1, "Decides the resamples.");
        var reference = Options.Flag("--reference-metrics", "Also print the reference project's own precision and "
            + "recall, including their flaws.");
        var json = Options.OptionalPath(
            "--json", "Write this JSON file and nothing else; without it: validate_SPLIT.json below --out.");
        var output = Options.OptionalPath(
            "--out", "Folder for JSON, model card and charts; without it: results.", "folder");
        var draw = Options.Flag("--sheets", "Also draw contact sheets next to the charts: right and wrong answers, "
            + "the least certain ones, suspicious labels.");
        var sheets = new SheetOptions();
        var command = new DocumentedCommand(
            "validate", "Measure a model on validation or test pictures.", Manual,
            "flixstock validate --data garments --weights run/best.safetensors",
            "flixstock validate --data garments --weights run/best.safetensors --out quality --sheets --explain",
            "flixstock validate --data garments --weights run/last.safetensors --split test --reference-metrics")
        {
            threshold, resamples, seed, reference, json, output, draw,
        };
        sheets.AddTo(command);
        scored.AddTo(command);
        command.SetAction(parsed =>
        {
            parsed.RefuseBoth(json, output, "both say where the JSON file goes");
            if (parsed.GetValue(resamples) == 0)
                parsed.RefuseAny([seed], "it decides resamples, and --bootstrap 0 draws none");
            if (parsed.IsGiven(json))
                parsed.RefuseAny([draw], "--json writes one file and nothing else; --out is a folder for all");
            if (!parsed.GetValue(draw))
                parsed.RefuseAny([sheets.Most, sheets.Explain, sheets.Confidence], "it is for --sheets");
            using var pictures = scored.Open(parsed);
            var (evaluation, thresholds) = Evaluation(
                parsed.IsGiven(threshold) ? (float)parsed.GetValue(threshold) : null, pictures.Checkpoint);
            return Run(session, pictures, new ValidateRequest
            {
                Thresholds = thresholds,
                Evaluation = evaluation with { Resamples = parsed.GetValue(resamples), Seed = parsed.GetValue(seed) },
                ReferenceMetrics = parsed.GetValue(reference),
                Output = parsed.GetValue(json)
                    ?? Path.Combine(parsed.GetValue(output) ?? "results", $"validate_{pictures.Part}.json"),
                Draws = !parsed.IsGiven(json),
                Sheets = parsed.GetValue(draw) ? SheetJob.Of(parsed, sheets) : null,
            });
        });
        return command;
    }

    public static int Run(Session session, ScoredPart pictures, ValidateRequest request)
    {
        pictures.RequireOtherFile(request.Output, "--json", "\"pictures\"");
        var folder = Path.GetDirectoryName(Path.GetFullPath(request.Output))!;
        var (logits, dataset) = pictures.Logits(folder);
        if (request.Thresholds is { } thresholds)
            session.Terminal.Remark(thresholds);
        // Where nothing is drawn, no curve of a class is computed: there may be thousands.
        var evaluation = request.Draws
            ? RunEvaluation.Of(
                logits, dataset, pictures.Data.Model, request.Shown, request.Evaluation,
                cancellation: session.Cancellation)
            : null;
        var measured = evaluation?.Report ?? RunEvaluation.Measure(
            logits, dataset, pictures.Data.Model,
            request.Evaluation with { Cancellation = session.Cancellation });
        var report = measured with
        {
            Flips = pictures.Flips,
            LeftOut = dataset.LeftOut.Count > 0
                ? [.. dataset.LeftOut.Select(bad => bad with { Part = pictures.Part })]
                : null,
        };
        if (evaluation is not null)
            WriteAll(session, pictures, request, report, evaluation);
        else
            Files.WriteAtomically(request.Output, report.ToJson() + "\n");
        EvaluationPages.Print(session.Terminal, report, dataset.Attributes, request.ReferenceMetrics, request.Output);
        session.Terminal.Line(
            $"written: {request.Output}{(request.Draws ? $", {Path.ChangeExtension(request.Output, null)}" : "")}");
        return CommandLine.Done;
    }

    // The table and the charts are of the same evaluation: they are put into place together.
    private static void WriteAll(
        Session session, ScoredPart pictures, ValidateRequest request, EvaluationReport report,
        RunEvaluation evaluation)
    {
        var json = request.Output;
        var (target, name) = (Path.GetDirectoryName(Path.GetFullPath(json))!, Path.GetFileNameWithoutExtension(json));
        var model = pictures.Checkpoint;
        var subject = new CardSubject(model.Path, pictures.Source().Path, pictures.Part)
        {
            Model =
            [
                ("network", model.Model.Name),
                ("weights", $"{(model.Weights == WeightsKind.Average ? "averaged" : "plain")}, epoch {model.Epoch}"),
                ("picture size", $"{model.Preparation.ImageSize} x {model.Preparation.ImageSize} pixels"),
                .. pictures.Flips ? new[] { ("scores", "mean of each picture and its mirror image") } : [],
            ],
        };
        using var staged = new StagedOutput(target);
        staged.Write(fresh =>
        {
            Files.WriteAtomically(Path.Combine(fresh, Path.GetFileName(json)), report.ToJson() + "\n");
            var charts = Path.Combine(fresh, name);
            MadeFolders.MarkNew(charts, "'flixstock validate'");
            EvaluationFolder.Write(charts, subject, evaluation, session.Cancellation);
            request.Sheets?.SaveAll(session, pictures, evaluation, charts);
        });
        staged.PublishFiles([.. EvaluationFolder.In(Path.Combine(target, name)).Concat(SheetJob.FileNames).Select(
            file => Path.Combine(name, file))]);
    }

    // Fitted thresholds are used unless a number was given.
    private static (EvaluationOptions Options, string Said) Evaluation(float? threshold, Checkpoint checkpoint)
    {
        if (threshold is { } number && !float.IsNaN(number))
        {
            return (
                new EvaluationOptions { Threshold = number }, $"threshold: {number:0.###} for every class, as given");
        }
        if (checkpoint.Calibration?.Thresholds is { } fitted)
        {
            return (new EvaluationOptions { Thresholds = fitted },
                $"thresholds: each class' own, fitted and stored in {checkpoint.Path}; --thre NUMBER "
                    + $"takes one for all");
        }

        return threshold is null
            ? (new EvaluationOptions { Threshold = Evaluator.DefaultThreshold }, $"threshold: "
                + $"{Evaluator.DefaultThreshold:0.###} for every class; none are stored in {checkpoint.Path}, "
                + $"'flixstock thresholds' fits them")
            : throw new InputException($"--thre checkpoint: {checkpoint.Path} has no thresholds; fit them with "
                + $"'flixstock thresholds', or give a number");
    }
}

/// <summary>The subject of a validation.</summary>
internal sealed record ValidateRequest
{
    public EvaluationOptions Evaluation { get; init; } = new() { Resamples = EvaluationOptions.DefaultResamples };

    /// <summary>A line on the thresholds that are used; null for none.</summary>
    public string? Thresholds { get; init; }

    public bool ReferenceMetrics { get; init; }

    /// <summary>Contact sheets among the charts; null: none.</summary>
    public SheetJob? Sheets { get; init; }

    /// <summary>What is chosen for the sheets.</summary>
    public ReportOptions Shown => Sheets is null
        ? new ReportOptions { Pictures = 0 }
        : new ReportOptions { Pictures = Sheets.Most, Confidence = Sheets.Confidence };

    /// <summary>The JSON file.</summary>
    public required string Output { get; init; }

    /// <summary>Also write a model card and charts, into a folder with the name of the JSON file.</summary>
    public bool Draws { get; init; } = true;
}
