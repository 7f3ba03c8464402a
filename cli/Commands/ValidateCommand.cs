using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock validate</c>: how good a model is.</summary>
internal static class ValidateCommand
{
    private const string Manual = """
        Runs a model over the validation (or test) pictures and compares with their labels. The headline is mAP over
        annotated labels. The reference's mAP, which counts every unknown label as a negative, stands beside it under
        its own name; the two are different measures. Precision, recall and F1 leave unknown labels out. Each attribute
        is compared with always answering its commonest class. Everything is also written as JSON below --out.
        """;

    public static Command Create(Session session)
    {
        var model = new ModelOptions();
        var data = new DataOptions();
        var part = Options.Choice("--split", "val", "Which pictures", "val", "test", "train");
        var threshold = Options.Number("--thre", Evaluator.DefaultThreshold, "A score above it is a prediction.", 0, 1);
        var reference = Options.Flag("--reference-metrics", "Also print the reference project's own precision and recall, flaws included.");
        var workers = Options.Workers();
        var json = Options.OptionalPath("--json", "The JSON file; without it: validate_SPLIT.json below --out.");
        var output = Options.OptionalPath("--out", "Folder for the JSON file; without it: results.", "folder");
        var command = new DocumentedCommand(
            "validate", "Measure a model on validation or test pictures.", Manual,
            "flixstock validate --data garments --weights run/best.safetensors",
            "flixstock validate --data garments --weights run/last.safetensors --split test --reference-metrics")
        {
            part, threshold, reference, workers, json, output,
        };
        data.AddTo(command);
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            var backend = model.Open(session, parsed);
            using var checkpoint = model.Load(parsed);
            return Run(session, backend, checkpoint, new ValidateRequest
            {
                Data = data.Read(parsed).Path,
                Source = data.Read(parsed),
                Part = parsed.GetRequiredValue(part),
                Threshold = (float)parsed.GetValue(threshold),
                ReferenceMetrics = parsed.GetValue(reference),
                Output = parsed.GetValue(json) ?? Path.Combine(parsed.GetValue(output) ?? "results", $"validate_{parsed.GetValue(part)}.json"),
                Loader = new BatchLoaderOptions
                {
                    BatchSize = parsed.GetValue(model.BatchSize),
                    ImageSize = model.Size(parsed, checkpoint),
                    Workers = parsed.GetValue(workers),
                    Filter = checkpoint.Resize,
                    ExifRotate = checkpoint.ExifRotate,
                },
            });
        });
        return command;
    }

    public static int Run(Session session, Backend backend, Checkpoint checkpoint, ValidateRequest request)
    {
        var source = LoadedData.Resolve(session, request.Source ?? new DatasetSource(request.Data));
        var dataset = LoadedData.Load(session, source, request.Part);
        checkpoint.RequireSameAttributes(dataset.Attributes, request.Data);
        var scores = OutputFolder.Use(
            Path.GetDirectoryName(Path.GetFullPath(request.Output))!, "--out", () => Scoring.Run(session, backend, checkpoint, dataset, request.Loader));
        var labels = NetworkScorer.Labels(dataset);
        var report = Evaluator.Evaluate(scores, labels, dataset.Attributes, request.Threshold);
        Files.WriteAtomically(request.Output, report.ToJson() + "\n");
        EvaluationPages.Print(session.Terminal, report, request.ReferenceMetrics);
        session.Terminal.Line($"written: {request.Output}");
        return CommandLine.Done;
    }
}

/// <summary>What to validate.</summary>
internal sealed record ValidateRequest
{
    public required string Data { get; init; }

    /// <summary>How <see cref="Data"/> is read; null: by what lies there.</summary>
    public DatasetSource? Source { get; init; }

    public required string Part { get; init; }

    public float Threshold { get; init; } = Evaluator.DefaultThreshold;

    public bool ReferenceMetrics { get; init; }

    /// <summary>The JSON file.</summary>
    public required string Output { get; init; }

    public required BatchLoaderOptions Loader { get; init; }
}
