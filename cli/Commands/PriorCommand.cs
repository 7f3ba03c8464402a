using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock prior</c>: how often a model sees each class.</summary>
internal static class PriorCommand
{
    private const string Manual = """
        Estimates how often each class occurs: the mean probability that a model gives it over the training pictures.
        Mode selective needs it to know which un-annotated labels are probably positive. Training writes prior.csv itself;
        this command makes one from any checkpoint, for instance one trained with --partial-loss-mode ignore. The ten classes
        with the highest prior are printed next to their annotations; the picture next to --out shows all.
        """;

    public static Command Create(Session session)
    {
        var scored = new ScoredPartOptions(session, "train", "val", "test");
        var output = Options.OptionalPath("--out", "The file to write; without it results/prior_SPLIT.csv.");
        var threshold = Options.Number(
            "--prior-threshold", Math.Round(SelectiveLossOptions.Default.PriorThreshold, 4),
            "The prior above which mode selective leaves un-annotated labels of a class out: marked in the picture.",
            0, 1);
        var command = new DocumentedCommand(
            "prior", "Estimate class priors with a model.", Manual,
            "flixstock prior --data garments --weights ignore/best.safetensors --out prior.csv")
        {
            threshold, output,
        };
        scored.AddTo(command);
        command.SetAction(parsed =>
        {
            using var pictures = scored.Open(parsed);
            var file = parsed.GetValue(output) ?? Path.Combine("results", $"prior_{pictures.Part}.csv");
            pictures.RequireOtherFile(file, "--out", PriorFile.Heading);
            pictures.RequireOtherFile(Path.ChangeExtension(file, ".png"), "--out");
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            var scores = pictures.Probabilities(folder);
            var (prior, dataset) = (scores.MeanOfClasses(), scores.Dataset);
            MadeFolders.MarkNew(folder, "'flixstock prior'");
            var comparison = new PriorComparison(prior, ClassFrequencies.Of(dataset, session.Cancellation))
            {
                Threshold = (float)parsed.GetValue(threshold),
            };
            Save(file, prior, dataset.Attributes.ClassNames, comparison);
            PriorPages.Print(session.Terminal, comparison, file);
            session.Terminal.Line($"written: {file}, {Path.ChangeExtension(file, ".png")}");
            return CommandLine.Done;
        });
        return command;
    }

    // Both or neither: a chart of another prior next to the table would mislead.
    private static void Save(string file, float[] prior, IReadOnlyList<string> classes, PriorComparison comparison)
    {
        var chart = Path.ChangeExtension(Path.GetFileName(file), ".png");
        using var staged = new StagedOutput(Path.GetDirectoryName(file) is { Length: > 0 } folder ? folder : ".");
        staged.Write(fresh =>
        {
            PriorFile.Write(Path.Combine(fresh, Path.GetFileName(file)), prior, classes);
            comparison.WriteChart(Path.Combine(fresh, chart));
        });
        staged.PublishFiles([]);
    }
}
