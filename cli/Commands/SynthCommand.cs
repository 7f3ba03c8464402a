using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock synth</c>: draws a garment data set.</summary>
internal static class SynthCommand
{
    private const string Manual = """
        Draws pictures of garments (seven necklines, four sleeve lengths, ten patterns) with the class
        frequencies and the share of unknown labels of the published task. The stand-in where real
        photos cannot be shipped; colour, size, pose and file name carry no label. Same seed, same bytes.
        Writes images_cleaned/images/*.jpg, attributes_cleaned.csv and dataset.json; next: flixstock split.
        """;

    public static Command Create(Session session)
    {
        var output = Options.Path("--out", "Folder of the data set; made if it does not exist.", required: true);
        output.Aliases.Add("--data");
        var count = Options.Integer("--count", new SynthesisOptions().Count, "Pictures.", 1, 1_000_000);
        var size = Options.Integer("--size", new SynthesisOptions().Size, "Shorter side in pixels.", 32, 4096);
        var seed = Options.Seed(1, "Decides everything that is drawn.");
        var workers = Options.Workers();
        var overwrite = Options.Flag("--overwrite", "Replace the data set that is already there.");
        var command = new DocumentedCommand("synth", "Draw a garment data set.", Manual, "flixstock synth --out garments --count 600 --size 128 --seed 7")
        {
            output, count, size, seed, workers, overwrite,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            Run(session, folder, new SynthesisOptions
            {
                Count = parsed.GetValue(count),
                Size = parsed.GetValue(size),
                Seed = parsed.GetValue(seed),
                Workers = parsed.GetValue(workers),
                Overwrite = parsed.GetValue(overwrite),
            });
            session.Terminal.Line($"next: flixstock split --data {folder}");
        });
        return command;
    }

    public static void Run(Session session, string folder, SynthesisOptions options)
    {
        Files.RequireWritableFolder(folder);
        var progress = new ProgressReport<int>(done => session.Terminal.Progress((double)done / options.Count, () => $"drawing {done} of {options.Count}"));
        GarmentSynthesizer.Draw(folder, options, progress, session.Cancellation);
        session.Terminal.EndLine();
        session.Terminal.Line($"{options.Count} pictures and their labels are in {folder}");
    }
}
