using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock demo</c>: the whole way, from nothing to labelled pictures.</summary>
internal static class DemoCommand
{
    private const string Marker = "demo.json";

    private const string Manual = """
        Draws a garment data set, divides it, trains a small TResNet on this machine, validates the model and labels a few
        pictures it has never seen. Everything goes into one folder, ./demo unless --out says otherwise; a demo that
        is already there is replaced. With two processor cores it takes about a minute. More --epochs take longer and
        make it better; --model-name tresnet_m trains the published network instead.
        """;

    public static Command Create(Session session)
    {
        var standard = new DemoSettings();
        var output = Options.OptionalPath("--out", "Folder for everything; without it: demo.", "folder");
        var count = Options.Integer("--count", standard.Count, "Pictures to draw.", 30, 1_000_000);
        var network = Options.PublishedNetwork();
        var epochs = Options.OptionalInteger(
            "--epochs", $"Epochs to train; without it {standard.Epochs}, with --model-name 1.", 1, 100_000);
        var size = Options.Integer("--image-size", standard.Size, "Side of the pictures in pixels.", 32, 4096);
        var batch = Options.BatchSize(standard.BatchSize);
        var rate = Options.OptionalNumber(
            "--lr",
            $"Top of the one-cycle schedule; without it {standard.LearningRate}, with --model-name 0.001.",
            0, above: true);
        var layers = Options.FourIntegers(
            "--layers", "Residual blocks of the four stages.");
        var width = Options.OptionalNumber("--width", "Factor on the channels.", 0.02, 64);
        var plain = Options.Flag("--no-augment", "No changed copies of training pictures.");
        var seed = Options.Seed(standard.Seed, "Decides pictures, division and training.");
        var device = Options.Device();
        var precision = Options.Precision("Of convolutions and activations while training: fp32, tf32, fp16, bf16. "
            + "Without it fp32; the processor has fp32 only.");
        var threads = Options.Threads();
        var takeOver = Options.TakeOver();
        var command = new DocumentedCommand(
            "demo", "See it all work: draw, split, train, validate, infer.", Manual, "flixstock demo",
            "flixstock demo --seed 2 --out second")
        {
            output, count, network, epochs, size, batch, rate, layers, width, plain, seed, device, precision, threads,
            takeOver,
        };
        command.SetAction(parsed =>
        {
            var backend = session.Open(new DeviceRequest(parsed.GetValue(device)!, parsed.GetValue(threads))
            {
                Precision = parsed.GetValue(precision) ?? Precision.Fp32,
            });
            var named = parsed.GetValue(network) is { } name ? standard.With(name) : standard;
            var settings = named with
            {
                Count = parsed.GetValue(count),
                Epochs = parsed.GetValue(epochs) ?? named.Epochs,
                Size = parsed.GetValue(size),
                BatchSize = parsed.GetValue(batch),
                LearningRate = parsed.GetValue(rate) ?? named.LearningRate,
                // an array that was not given is empty
                Layers = parsed.GetValue(layers) is { Length: > 0 } given ? given : named.Layers,
                Width = parsed.GetValue(width) ?? named.Width,
                Augment = !parsed.GetValue(plain),
                Seed = parsed.GetValue(seed),
            };
            Training(settings).Validate();
            Training(settings).Model(classes: 1);
            var folder = parsed.GetValue(output) ?? "demo";
            RequireFree(folder);
            return OutputFolder.Hold(
                folder, "--out", "demo", parsed.GetValue(takeOver), _ => Run(session, backend, folder, settings));
        });
        return command;
    }

    private static int Run(Session session, Backend backend, string folder, DemoSettings settings)
    {
        var watch = Stopwatch.StartNew();
        var (data, run, labelled) =
            (Path.Combine(folder, "data"), Path.Combine(folder, "run"), Path.Combine(folder, "labelled"));
        // An existing demo is restored unless this one completes.
        using var staged = new StagedOutput(folder);
        staged.SetAside([Marker, .. new[] { data, run, labelled }.Select(part => Path.GetRelativePath(folder, part))]);
        Files.WriteAtomically(Path.Combine(folder, Marker), JsonSerializer.Serialize(settings) + "\n");
        Head(session, "1 of 5: draw a data set");
        SynthCommand.Run(
            session, data, new SynthesisOptions { Count = settings.Count, Size = settings.Size, Seed = settings.Seed });
        Head(session, "2 of 5: split it");
        SplitCommand.Run(session, data, new SplitOptions { Augment = settings.Augment });
        Head(session, "3 of 5: train");
        var job = new TrainingJob(session, backend, data)
        {
            AutomaticBatchSize = settings.IsAutomatic,
            NearestBatchSize = true,
        };
        job.Train(run, Training(settings), overwrite: true);
        Head(session, "4 of 5: validate");
        var best = Path.Combine(run, "best.safetensors");
        var checkpoint = Checkpoint.Load(best);
        using var pictures = new ScoredPart(session, backend, checkpoint, "val")
        {
            Source = () => new DatasetSource(data),
            Loading = new BatchLoaderOptions
            {
                BatchSize = Training(settings).BatchSize,
                Preparation = checkpoint.Preparation,
            },
        };
        ValidateCommand.Run(
            session, pictures, new ValidateRequest { Output = Path.Combine(run, "validate_val.json") });
        Head(session, "5 of 5: label pictures it has never seen");
        using (var predictor = new Predictor(checkpoint, backend))
        {
            var unseen = new DatasetSource(data).Load("test").Samples.Take(settings.Shown)
                .Select(sample => sample.Path).ToList();
            InferenceJob.Pictures(session, new InferRequest(predictor, Json: false, labelled), unseen);
        }
        staged.Keep();
        Close(session.Terminal, watch.Elapsed, folder, data, best, labelled);
        return CommandLine.Done;
    }

    // Only a folder that is empty or a demo's own is written into.
    private static void RequireFree(string folder)
    {
        StagedOutput.Settle(folder);
        if (Directory.Exists(folder) && !File.Exists(Path.Combine(folder, Marker))
            && Directory.EnumerateFileSystemEntries(folder).Any(path => !Files.IsTrace(Path.GetFileName(path))))
        {
            throw new InputException(
                $"--out {folder}: the folder holds something else than a demo; choose another folder");
        }
    }

    private static TrainerOptions Training(DemoSettings settings) => new()
    {
        ModelName = settings.ModelName,
        Layers = settings.Layers,
        Width = settings.Width,
        ImageSize = settings.Size,
        BatchSize = settings.IsAutomatic ? new DemoSettings().BatchSize : settings.BatchSize,
        Epochs = settings.Epochs,
        LearningRate = settings.LearningRate,
        Seed = settings.Seed,
        KeepResumeState = false,
    };

    private static void Head(Session session, string text)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        session.Terminal.Remark();
        session.Terminal.Remark($"== {text}");
    }

    private static void Close(
        Terminal terminal, TimeSpan time, string folder, string data, string best, string labelled)
    {
        terminal.Remark();
        terminal.Remark(
            $"Done in {(int)time.TotalMinutes} min {time.Seconds:00} s. Everything is in {Path.GetFullPath(folder)}:");
        terminal.Remark($"  {data}  the drawn pictures, their labels and the division");
        terminal.Remark($"  {best}  the model");
        terminal.Remark($"  {labelled}  pictures with what the model says about them");
        terminal.Remark("Try next:");
        terminal.Remark($"  flixstock infer --weights {best} YOUR-PICTURE.jpg");
        terminal.Remark($"  flixstock train --data {data} --out longer --image-size 64 --epochs 40 --two-stage");
        terminal.Remark("  flixstock split --help       with pictures of your own");
        terminal.Remark("('flixstock' is: dotnet run -c Release --project cli --)");
    }
}
