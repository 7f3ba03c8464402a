using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock synth</c>: draws a data set of garments or scenes.</summary>
internal static class SynthCommand
{
    private const string Manual = """
        Draws pictures of garments (seven necklines, four sleeve lengths, ten patterns) with the class
        frequencies and the share of unknown labels of the published task. A stand-in for real
        photos, which cannot be shipped; colour, size, pose and file name carry no label. Same seed, same bytes.
        Writes images_cleaned/images/*.jpg, attributes_cleaned.csv and dataset.json; next: flixstock split.
        --task scenes draws twenty classes of shapes and textures instead, about three in a picture, the commonest in
        half of the pictures and the rarest in one of fifty, every label known, already in the parts train, val and
        test: for experiments with simulated missing labels; next: flixstock train --simulate-partial-type.
        """;

    public static Command Create(Session session)
    {
        var output = Options.OptionalPath(
            "--out", "Folder of the data set; made if it does not exist. Without it garments or scenes.", "folder");
        output.Aliases.Add("--data");
        var task = Options.Choice("--task", "garments", "What to draw", "garments", "scenes");
        var count = Options.OptionalInteger(
            "--count",
            $"Pictures; without it {new SynthesisOptions().Count} garments or {new SceneOptions().Count} scenes.",
            1, 1_000_000);
        var size = Options.OptionalInteger(
            "--size",
            $"Shorter side in pixels; without it {new SynthesisOptions().Size} for garments, "
                + $"{new SceneOptions().Size} for scenes.",
            32, 4096);
        var seed = Options.Seed(1, "Decides everything that is drawn.");
        var workers = Options.Workers();
        var masks = Options.Flag(
            "--masks", "Also write where each garment shows its neckline and its sleeves: masks/neck, masks/sleeve.");
        var overwrite = Options.Flag("--overwrite", "Replace the data set that is already there.");
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "synth", "Draw a data set of garments or scenes.", Manual,
            "flixstock synth --out garments --count 600 --size 128 --seed 7",
            "flixstock synth --task scenes --out scenes")
        {
            output, task, count, size, seed, masks, workers, overwrite, takeOver,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(output)
                ?? session.Chosen("--out", session.Places.Free(parsed.GetRequiredValue(task)));
            if (parsed.GetValue(task) == "scenes")
            {
                parsed.RefuseAny([masks], "--task scenes has no neckline and no sleeves");
                RunScenes(session, folder, new SceneOptions
                {
                    Count = parsed.GetValue(count) ?? new SceneOptions().Count,
                    Size = parsed.GetValue(size) ?? new SceneOptions().Size,
                    Seed = parsed.GetValue(seed),
                    Workers = parsed.GetValue(workers),
                    Overwrite = parsed.GetValue(overwrite),
                    TakeOver = parsed.GetValue(takeOver),
                });
                return;
            }
            Run(session, folder, new SynthesisOptions
            {
                Count = parsed.GetValue(count) ?? new SynthesisOptions().Count,
                Size = parsed.GetValue(size) ?? new SynthesisOptions().Size,
                Seed = parsed.GetValue(seed),
                Masks = parsed.GetValue(masks),
                Workers = parsed.GetValue(workers),
                Overwrite = parsed.GetValue(overwrite),
                TakeOver = parsed.GetValue(takeOver),
            });
            session.Terminal.Remark($"next: flixstock split --data {folder}");
        });
        return command;
    }

    public static void Run(Session session, string folder, SynthesisOptions options)
    {
        Files.RequireWritableFolder(folder);
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<int>(done =>
            session.Terminal.Progress(
                (double)done / options.Count,
                () => speed.Text("", done, options.Count, "images/s", $"drawing {done} of {options.Count}")));
        GarmentSynthesizer.Draw(folder, options, progress, session.Cancellation);
        session.Terminal.EndLine();
        session.Terminal.Line($"{options.Count} pictures and their labels are in {folder}");
    }

    private static void RunScenes(Session session, string folder, SceneOptions options)
    {
        Files.RequireWritableFolder(folder);
        var speed = new ProgressSpeed();
        var progress = new ProgressReport<int>(done =>
            session.Terminal.Progress(
                (double)done / options.Count,
                () => speed.Text("", done, options.Count, "images/s", $"drawing {done} of {options.Count}")));
        SceneSynthesizer.Draw(folder, options, progress, session.Cancellation);
        session.Terminal.EndLine();
        session.Terminal.Line($"{options.Count} scenes and their labels are in {folder}");
        session.Terminal.Remark($"next: flixstock train --data {folder} --out run --image-size {options.Size} --layers "
            + $"1,1,1,1 --width 0.25 --batch-size 32 --lr 3e-3");
    }
}
