using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock train</c>: trains on the train part, validates on the val part, writes a run's folder.</summary>
internal static class TrainCommand
{
    private static readonly string[] Modes = ["none", "negative", "ignore", "ignore_normalize_classes", "selective"];

    public static Command Create(TextWriter output)
    {
        var defaults = new TrainerOptions();
        var data = Options.Required("--data", "folder that 'flixstock split' has prepared");
        var folder = Options.Required("--out", "folder of the run");
        var resume = Options.Flag("--resume", "go on with the run in --out, to the same numbers");
        var model = new Option<string>("--model-name") { Description = string.Join(", ", TResNetOptions.VariantNames), DefaultValueFactory = _ => defaults.ModelName };
        var layers = Options.Text("--layers", "blocks of the four stages of a network of your own, as 1,1,1,1");
        var width = Options.Number("--width", 0, "factor on the channels; 0 takes the model's");
        var weights = Options.Text("--model-path", "checkpoint of the same model to start from");
        var imageSize = Options.Integer("--image-size", defaults.ImageSize, "height and width in pixels", 1);
        var batchSize = Options.Integer("--batch-size", defaults.BatchSize, "pictures per step", 1);
        var rate = Options.Number("--lr", defaults.LearningRate, "top of the one-cycle schedule");
        var epochs = Options.Integer("--epochs", defaults.Epochs, "epochs of the schedule", 1);
        var stop = Options.Integer("--stop-epoch", 0, "stop after so many epochs; 0 does not", 0);
        var decay = Options.Number("--weight-decay", defaults.WeightDecay, "L2 on everything but biases and 1-D parameters");
        var mode = Options.Choice("--partial-loss-mode", "selective", "what un-annotated labels count as", Modes);
        var gammaPositive = Options.Number("--gamma-pos", 0, "focusing exponent of positives");
        var gammaNegative = Options.Number("--gamma-neg", 1, "focusing exponent of annotated negatives");
        var gammaUnannotated = Options.Number("--gamma-unann", 4, "focusing exponent of un-annotated labels");
        var alphaPositive = Options.Number("--alpha-pos", 1, "weight of positives");
        var alphaNegative = Options.Number("--alpha-neg", 1, "weight of annotated negatives");
        var alphaUnannotated = Options.Number("--alpha-unann", 1, "weight of un-annotated labels");
        var clip = Options.Number("--clip", 0, "probability margin of negatives");
        var topK = Options.Integer("--likelihood-topk", 3, "selective: likeliest un-annotated labels left out, times the batch", 0);
        var prior = Options.Text("--prior-path", "selective: file of class priors, as prior.csv of an 'ignore' run");
        var threshold = Options.Number("--prior-threshold", 0.5, "selective: classes with a higher prior are left out");
        var workers = Options.Integer("--workers", defaults.Workers, "threads that decode pictures", 0);
        var seed = Options.Integer("--seed", 1, "initial weights and order of the pictures", 0);
        var (threads, device) = (Options.Threads(), Options.Device());
        var command = new Command("train", "Train on a prepared data set.\n\nExample:\n  flixstock train --data data --out run --epochs 15")
        {
            data, folder, resume, model, layers, width, weights, imageSize, batchSize, rate, epochs, stop, decay, mode, gammaPositive, gammaNegative, gammaUnannotated,
            alphaPositive, alphaNegative, alphaUnannotated, clip, topK, prior, threshold, workers, seed, threads, device,
        };
        command.SetAction((arguments, cancellation) =>
        {
            var options = new TrainerOptions
            {
                ModelName = arguments.GetValue(model)!,
                Layers = ParseLayers(arguments.GetValue(layers)),
                Width = arguments.GetValue(width) is > 0 and var factor ? factor : null,
                InitialWeights = arguments.GetValue(weights),
                ImageSize = arguments.GetValue(imageSize),
                BatchSize = arguments.GetValue(batchSize),
                LearningRate = arguments.GetValue(rate),
                Epochs = arguments.GetValue(epochs),
                StopEpoch = arguments.GetValue(stop) is > 0 and var last ? last : null,
                WeightDecay = arguments.GetValue(decay),
                PriorPath = arguments.GetValue(prior),
                Workers = arguments.GetValue(workers),
                Seed = (ulong)arguments.GetValue(seed),
                Loss = new SelectiveLossOptions(
                    (PartialLossMode)Array.IndexOf(Modes, arguments.GetValue(mode)),
                    (float)arguments.GetValue(gammaPositive), (float)arguments.GetValue(gammaNegative), (float)arguments.GetValue(gammaUnannotated),
                    (float)arguments.GetValue(alphaPositive), (float)arguments.GetValue(alphaNegative), (float)arguments.GetValue(alphaUnannotated),
                    (float)arguments.GetValue(clip), arguments.GetValue(topK), (float)arguments.GetValue(threshold)),
            };
            using var backend = Options.Open(arguments.GetValue(device)!, arguments.GetValue(threads));
            Run(output, backend, arguments.GetValue(data)!, arguments.GetValue(folder)!, options, arguments.GetValue(resume), cancellation);
            return Task.FromResult(0);
        });
        return command;
    }

    public static TrainingResult Run(
        TextWriter output, Backend backend, string data, string folder, TrainerOptions options, bool resume, CancellationToken cancellation)
    {
        options.Validate();
        var training = ImageDataset.LoadSplit(data, "train");
        var validation = ImageDataset.LoadSplit(data, "val");
        options.Model(training.Attributes.ClassCount);
        if (options.Loss.Mode == PartialLossMode.Selective && options.PriorPath is null)
            output.WriteLine("no --prior-path: only the top-k of each batch is left out, not whole classes; for a prior, train with --partial-loss-mode ignore first and give its prior.csv");
        var run = resume ? TrainingRun.Open(folder) : TrainingRun.Create(folder);
        using var trainer = new Trainer(backend, training, validation, options, run, resume);
        if (trainer.PriorWarning is { } warning)
            output.WriteLine($"{options.PriorPath}: {warning}");
        output.WriteLine($"{options.ModelName} on {backend.Device.Name}: {training.Samples.Count} training and {validation.Samples.Count} validation pictures");
        var result = trainer.Train(new TrainingPrinter(output), cancellation);
        output.WriteLine($"best: epoch {result.BestEpoch}, {(result.BestWeights == WeightsKind.Average ? "averaged" : "plain")} weights, mAP {100 * result.BestMeanAp:F2} on annotated labels, {run.BestFile}");
        return result;
    }

    private static int[]? ParseLayers(string? text)
    {
        if (text is null)
            return null;
        var parts = text.Split(',');
        var layers = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], out layers[i]) || layers[i] < 1 || parts.Length != 4)
                throw new InputException($"--layers '{text}': give four whole numbers, as 1,1,1,1");
        }
        return layers;
    }
}
