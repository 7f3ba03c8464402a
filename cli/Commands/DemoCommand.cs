using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock demo</c>: the whole way on drawn pictures: synth, split, train, validate, infer.</summary>
internal static class DemoCommand
{
    /// <summary>What the demo does unless told otherwise.</summary>
    internal static readonly TrainerOptions Training = new()
    {
        ImageSize = 64,
        BatchSize = 16,
        Epochs = 2,
        LearningRate = 1e-3,
        KeepResumeState = false,
    };

    private const int Pictures = 1000;

    public static Command Create(TextWriter output)
    {
        var folder = new Option<string>("--out") { Description = "folder for everything; must not exist", DefaultValueFactory = _ => "demo" };
        var seed = Options.Integer("--seed", 1, "pictures, weights and order", 0);
        var count = Options.Integer("--count", Pictures, "number of pictures", 300);
        var size = Options.Integer("--image-size", Training.ImageSize, "height and width in pixels", 1);
        var batch = Options.Integer("--batch-size", Training.BatchSize, "pictures per step", 1);
        var epochs = Options.Integer("--epochs", Training.Epochs, "epochs", 1);
        var rate = Options.Number("--lr", Training.LearningRate, "top of the one-cycle schedule");
        var noAugment = Options.Flag("--no-augment", "no changed copies of rare pictures");
        var (threads, device) = (Options.Threads(), Options.Device());
        var command = new Command("demo", "Draw pictures, split, train, validate and infer, all in one folder.\n\nExample:\n  flixstock demo --seed 2 --out demo2")
        {
            folder, seed, count, size, batch, epochs, rate, noAugment, threads, device,
        };
        command.SetAction((arguments, cancellation) =>
        {
            var options = Training with
            {
                ImageSize = arguments.GetValue(size),
                BatchSize = arguments.GetValue(batch),
                Epochs = arguments.GetValue(epochs),
                LearningRate = arguments.GetValue(rate),
                Seed = (ulong)arguments.GetValue(seed),
            };
            using var backend = Options.Open(arguments.GetValue(device)!, arguments.GetValue(threads));
            Run(output, backend, arguments.GetValue(folder)!, arguments.GetValue(count), options, !arguments.GetValue(noAugment), cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    private static void Run(TextWriter output, Backend backend, string folder, int count, TrainerOptions options, bool augment, CancellationToken cancellation)
    {
        options.Validate();
        if (Directory.Exists(folder))
            throw new InputException($"--out {folder}: the folder exists; remove it or choose another one");
        var (data, run) = (Path.Combine(folder, "data"), Path.Combine(folder, "run"));
        SynthCommand.Run(output, data, count, options.ImageSize, options.Seed);
        SplitCommand.Run(output, data, new SplitOptions { Augment = augment });
        var result = TrainCommand.Run(output, backend, data, run, options, resume: false, cancellation);
        ValidateCommand.Run(output, backend, data, result.Run.BestFile, "val", Evaluator.DefaultThreshold);
        var pictures = InferCommand.Find([new DatasetLayout(data).SplitImages("test")]).Take(5).ToList();
        InferCommand.Run(output, backend, result.Run.BestFile, pictures, new PredictorOptions(), json: false);
        output.WriteLine($"pictures and labels: {data}; checkpoints and metrics: {run}");
        output.WriteLine($"next: flixstock infer --weights {result.Run.BestFile} PICTURE...");
    }
}
