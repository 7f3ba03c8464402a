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
        recall and F1 leave unknown labels out. Each attribute is compared with always answering its commonest class. Everything is also written as JSON below --out.
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
        var json = Options.OptionalPath("--json", "The JSON file; without it: validate_SPLIT.json below --out.");
        var output = Options.OptionalPath("--out", "Folder for the JSON file; without it: results.", "folder");
        var command = new DocumentedCommand(
            "validate", "Measure a model on validation or test pictures.", Manual,
            "flixstock validate --data garments --weights run/best.safetensors",
            "flixstock validate --data garments --weights run/last.safetensors --split test --reference-metrics")
        {
            threshold, resamples, seed, reference, json, output,
        };
        scored.AddTo(command);
        command.SetAction(parsed =>
        {
            parsed.RefuseBoth(json, output, "both say where the JSON file goes");
            if (parsed.GetValue(resamples) == 0)
                parsed.RefuseAny([seed], "it decides resamples, and --bootstrap 0 draws none");
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
            });
        });
        return command;
    }

    public static int Run(Session session, ScoredPart pictures, ValidateRequest request)
    {
        pictures.RequireOtherFile(request.Output, "--json", "\"pictures\"");
        var (values, dataset) = pictures.Probabilities(Path.GetDirectoryName(Path.GetFullPath(request.Output))!);
        if (request.Thresholds is { } thresholds)
            session.Terminal.Remark(thresholds);
        var report = Evaluator.Evaluate(
            values, dataset.AllLabels(), dataset.Attributes,
            request.Evaluation with { Cancellation = session.Cancellation }) with
        {
            LeftOut = dataset.LeftOut.Count > 0
                ? [.. dataset.LeftOut.Select(bad => bad with { Part = pictures.Part })]
                : null,
        };
        Files.WriteAtomically(request.Output, report.ToJson() + "\n");
        EvaluationPages.Print(session.Terminal, report, dataset.Attributes, request.ReferenceMetrics, request.Output);
        session.Terminal.Line($"written: {request.Output}");
        return CommandLine.Done;
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

    /// <summary>The JSON file.</summary>
    public required string Output { get; init; }
}
