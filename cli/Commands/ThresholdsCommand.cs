using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock thresholds</c>: how to read a model's scores, fitted on annotated pictures.</summary>
internal static class ThresholdsCommand
{
    private const string Ending = ".thresholds";

    private const string Manual = """
        Fits two things on the known labels of the validation pictures and writes the model with them: next to it, as
        best.thresholds.safetensors, or where --out says, or into the file itself with --in-place. validate, infer, review
        and export use what they find in the model.
        One temperature: scores are divided by it, so that of the labels with probability p a share of about p is positive
        (least negative log likelihood; Guo et al. 2017). One threshold for each class, with the best F1; that of a
        class with n known positives is (n best + m global) / (n + m), with m from --shrink and the best threshold of all classes together as global:
        what is best for three pictures is chance. The table compares before and after on the same pictures; for numbers
        to believe, run validate on others (--split test). Next to the model a picture is written, best.thresholds.png and
        .svg: F1 over the threshold, F1 of each class, and reliability before and after.
        """;

    public static Command Create(Session session)
    {
        var scored = new ScoredPartOptions(session, "val", "test", "train");
        var shrink = Options.Number(
            "--shrink", CalibrationFit.DefaultShrinkage,
            "This many positives weigh as much as all classes together; 0: thresholds are not shrunk.", 0);
        var output = Options.OptionalPath("--out", "The checkpoint to write; without it one next to --weights, as "
            + "best.thresholds.safetensors.");
        var inPlace = Options.Flag("--in-place", "Store what was fitted in --weights itself.");
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "thresholds", "Fit thresholds and a temperature, store them in the model.", Manual,
            "flixstock thresholds --data garments --weights run/best.safetensors",
            "flixstock validate --data garments --weights run/best.thresholds.safetensors --split test")
        {
            shrink, output, inPlace, takeOver,
        };
        scored.AddTo(command);
        command.SetAction(parsed =>
        {
            parsed.RefuseBoth(output, inPlace, "both say where the model goes");
            using var pictures = scored.Open(parsed);
            var weights = pictures.Checkpoint.Path;
            var file = parsed.GetValue(output) ?? (parsed.GetValue(inPlace) ? weights : NextTo(weights));
            if (Directory.Exists(file))
            {
                throw new InputException(
                    $"--out {file}: that is a folder; give a file, as {Path.Combine(file, "best.safetensors")}");
            }
            if (Path.GetExtension(file) != ".safetensors")
            {
                throw new InputException(
                    $"{file}: thresholds are stored in our own checkpoints; give --out FILE.safetensors");
            }
            var model = pictures.Data.Model;
            int Run()
            {
                Fit(session, model, pictures.Logits(), parsed.GetValue(shrink), file, release: pictures);
                return CommandLine.Done;
            }
            // A training that still runs would replace the file, or be told of thresholds that were fitted to other
            // weights.
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            return parsed.GetValue(inPlace)
                ? OutputFolder.Hold(folder, "--in-place", "fit of thresholds", parsed.GetValue(takeOver), _ => Run())
                : OutputFolder.Use(folder, "--out", Run);
        });
        return command;
    }

    /// <summary>The file that the command writes for a model unless it is told another.</summary>
    public static string NextTo(string weights)
    {
        var stem = Path.GetFileNameWithoutExtension(weights);
        return stem.EndsWith(Ending, StringComparison.OrdinalIgnoreCase)
            ? throw new InputException($"{weights}: it was written by this command; give --in-place to fit it again, "
                + $"--out FILE, or the model that it was made of")
            : Path.Combine(Path.GetDirectoryName(weights) ?? "", stem + Ending + ".safetensors");
    }

    private static void Fit(
        Session session, Checkpoint checkpoint, DatasetScores scores, double shrink, string file, IDisposable release)
    {
        var (logits, dataset) = scores;
        var chart = Chart(file);
        Files.RequireNoFolder(chart);
        var (terminal, labels) = (session.Terminal, dataset.AllLabels());
        var calibration = CalibrationFit.Fit(
            logits, labels, dataset.Attributes, checkpoint.Head, shrink, session.Cancellation);
        var plain = checkpoint.With(null);
        var fitted = checkpoint.With(calibration);
        var before = Evaluate(
            plain, logits, labels,
            Enumerable.Repeat(Evaluator.DefaultThreshold, dataset.Attributes.ClassCount).ToArray(),
            session.Cancellation);
        var after = Evaluate(fitted, logits, labels, calibration.Thresholds, session.Cancellation);
        // The file may be the one that the tensors lie in.
        Files.Replace(file, beside =>
        {
            fitted.Save(beside);
            release.Dispose();
        });
        terminal.Table(
            $"Threshold {Evaluator.DefaultThreshold} without temperature, and what was fitted, on the same "
                + $"{dataset.Samples.Count} pictures",
            ["", "before", "after"],
            [
                ["macro-F1, percent", Percent(before.AtThreshold.Macro.F1), Percent(after.AtThreshold.Macro.F1)],
                ["micro-F1, percent", Percent(before.AtThreshold.Micro.F1), Percent(after.AtThreshold.Micro.F1)],
                ["balanced accuracy, percent", Percent(before.Overall!.BalancedAccuracy), Percent(
                    after.Overall!.BalancedAccuracy)],
                ["calibration error, percent", Percent(before.Overall.CalibrationError), Percent(
                    after.Overall.CalibrationError)],
                ["negative log likelihood", Likelihood(plain, logits, labels), Likelihood(fitted, logits, labels)],
                ["temperature", "1", $"{calibration.Temperature:0.000}"],
            ]);
        terminal.Table(new TablePage(
            "Thresholds, on calibrated probabilities",
            [
                TableColumn.Name("class"), TableColumn.Number("known positives", drop: 1),
                TableColumn.Number("threshold"), TableColumn.Number("F1 before"), TableColumn.Number("F1 after"),
            ],
            [
                .. after.Classes.Select((c, k) => TableRow.OfClass(
                    dataset.Attributes, k, $"{c.Positives}", $"{c.Threshold:0.000}",
                    Percent(before.Classes[k].F1), Percent(c.F1))),
            ]));
        var few = after.Classes.Where(c => c.Positives < ClassMetrics.FewestForInterval).Select(c => c.Name).ToList();
        if (few.Count > 0)
        {
            terminal.Remark($"note: fewer than {ClassMetrics.FewestForInterval} known positives, so that their F1 says "
                + $"little and their threshold is mostly that of all classes: "
                + $"{string.Join(", ", few.Take(8))}{(few.Count > 8 ? $" and {few.Count - 8} more" : "")}");
        }
        ChartFile.Save(chart, ThresholdCharts.Panels(before, after, logits, labels, plain, fitted));
        terminal.Line($"written: {file}, {chart}");
    }

    // Whatever the model is called: a picture is never taken for the model's own.
    private static string Chart(string file)
    {
        var stem = Path.Combine(Path.GetDirectoryName(file) ?? "", Path.GetFileNameWithoutExtension(file));
        return (stem.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? stem : stem + Ending) + ".png";
    }

    private static string Percent(double value) => EvaluationPages.Percent(value);

    private static string Likelihood(Checkpoint checkpoint, float[] logits, sbyte[] labels)
    {
        var value = CalibrationFit.NegativeLogLikelihood(
            logits, labels, checkpoint.Attributes, checkpoint.Head, checkpoint.Probabilities.Temperature);
        return $"{value:0.0000}";
    }

    private static EvaluationReport Evaluate(
        Checkpoint checkpoint, float[] logits, sbyte[] labels, IReadOnlyList<float> thresholds,
        CancellationToken cancellation)
    {
        var probabilities = new float[logits.Length];
        checkpoint.Probabilities.Apply(logits, probabilities);
        return Evaluator.Evaluate(
            probabilities, labels, checkpoint.Attributes,
            new EvaluationOptions { Thresholds = thresholds, Cancellation = cancellation });
    }
}
