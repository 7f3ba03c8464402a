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
        var model = new ModelOptions(session);
        var data = new DataOptions(session);
        var part = Options.Choice("--split", "train", "Which pictures", "train", "val", "test");
        var byPosition = MatchedData.ByPositionOption();
        var skipBad = SkipBad.Option();
        var workers = Options.Workers();
        var output = Options.OptionalPath("--out", "The file to write; without it results/prior_SPLIT.csv.");
        var command = new DocumentedCommand(
            "prior", "Estimate class priors with a model.", Manual,
            "flixstock prior --data garments --weights ignore/best.safetensors --out prior.csv")
        {
            part, output, byPosition, skipBad, workers,
        };
        data.AddTo(command);
        model.AddTo(command);
        command.SetAction(parsed =>
        {
            var backend = model.Open(parsed);
            using var checkpoint = model.Load(parsed);
            var (matched, dataset, _, _) = MatchedData.Load(
                session, checkpoint, data.Read(parsed), parsed.GetRequiredValue(part), parsed.GetValue(byPosition));
            var file = parsed.GetValue(output) ?? Path.Combine("results", $"prior_{parsed.GetValue(part)}.csv");
            WeightsFile.RequireOther(checkpoint.Path, file, "--out");
            var place = data.Read(parsed).Path;
            DataFiles.RequireNone(file, "--out", place, dataset.Samples, PriorFile.Heading);
            DataFiles.RequireNone(Path.ChangeExtension(file, ".png"), "--out", place, dataset.Samples);
            var options = model.Loading(parsed, checkpoint, parsed.GetValue(workers)).With(parsed.GetValue(skipBad));
            var scores = OutputFolder.Use(
                Path.GetDirectoryName(Path.GetFullPath(file))!,
                "--out", () => Scoring.Run(session, backend, matched, dataset, options));
            dataset = scores.Dataset;
            var prior = MeanOfColumns(scores.Values, dataset.Attributes.ClassCount);
            MadeFolders.MarkNew(Path.GetDirectoryName(Path.GetFullPath(file))!, "'flixstock prior'");
            var comparison = new PriorComparison(prior, ClassFrequencies.Of(dataset, session.Cancellation));
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

    private static float[] MeanOfColumns(float[] scores, int classes)
    {
        var sums = new double[classes];
        for (var i = 0; i < scores.Length; i++)
            sums[i % classes] += scores[i];
        return Array.ConvertAll(sums, sum => (float)(sum / (scores.Length / classes)));
    }
}
