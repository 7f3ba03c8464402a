using System.CommandLine;
using System.Text.Json;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary><c>flixstock infer</c>: labels of pictures.</summary>
internal static class InferCommand
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"];

    public static Command Create(TextWriter output)
    {
        var weights = Options.Required("--weights", "checkpoint, as run/best.safetensors");
        var pictures = new Argument<string[]>("pictures") { Description = "pictures, or folders of pictures", Arity = ArgumentArity.OneOrMore };
        var json = Options.Flag("--json", "JSON for programs instead of lines");
        var resize = Options.Choice("--resize", "bilinear", "bilinear as in training, or bicubic as the reference's infer", "bilinear", "bicubic");
        var exif = Options.Flag("--exif-rotate", "turn pictures as their EXIF orientation says");
        var (threads, device) = (Options.Threads(), Options.Device());
        var command = new Command("infer", "Say what is in pictures.\n\nExample:\n  flixstock infer --weights run/best.safetensors photos/")
        {
            weights, pictures, json, resize, exif, threads, device,
        };
        command.SetAction(arguments =>
        {
            using var backend = Options.Open(arguments.GetValue(device)!, arguments.GetValue(threads));
            var options = new PredictorOptions
            {
                Resize = arguments.GetValue(resize) == "bicubic" ? ResizeFilter.Bicubic : ResizeFilter.Bilinear,
                ExifRotate = arguments.GetValue(exif) ? true : null,
            };
            Run(output, backend, arguments.GetValue(weights)!, Find(arguments.GetValue(pictures)!), options, arguments.GetValue(json));
            return 0;
        });
        return command;
    }

    public static void Run(TextWriter output, Backend backend, string weights, IReadOnlyList<string> files, PredictorOptions options, bool json)
    {
        using var predictor = Predictor.Load(weights, backend, options);
        var results = files.Select(file => (File: file, predictor.Predict(file).Labels)).ToList();
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(results.Select(result => new
            {
                file = result.File,
                labels = result.Labels.Select(label => new { attribute = label.Attribute, label = label.Label, index = label.ClassIndex, confidence = label.Confidence }),
            })));
            return;
        }
        foreach (var (file, labels) in results)
            output.WriteLine($"{file}: {string.Join(", ", labels.Select(label => $"{label.Label} ({100 * label.Confidence:F0} %)"))}");
    }

    public static IReadOnlyList<string> Find(IEnumerable<string> places)
    {
        var files = new List<string>();
        foreach (var place in places)
        {
            if (!Directory.Exists(place))
            {
                files.Add(File.Exists(place) ? place : throw new InputException($"{place}: there is no such file or folder"));
                continue;
            }
            var found = Directory.EnumerateFiles(place).Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal).ToList();
            if (found.Count == 0)
                throw new InputException($"{place}: there is no picture in this folder ({string.Join(" ", Extensions)})");
            files.AddRange(found);
        }
        return files;
    }
}
