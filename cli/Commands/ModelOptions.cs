using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options that validate, infer and prior share: which weights, and how to run them.</summary>
internal sealed class ModelOptions
{
    public Option<string> Weights { get; } = Options.Path("--weights", "Checkpoint of a training run, as run/best.safetensors, or published weights (.pth).", required: true, help: "file");

    public Option<string?> ModelName { get; } =
        Options.OptionalPath("--model-name", "Fail unless the checkpoint is of this model; without it the checkpoint says which it is.", "name");

    public Option<int?> ImageSize { get; } = Options.OptionalInteger("--image-size", "Height and width in pixels; without it as trained.", 1, 4096);

    public Option<int> BatchSize { get; } = Options.Integer("--batch-size", 8, "Pictures that go through the network together.", 1, 65536);

    public DeviceOptions Device { get; } = new(training: false);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Weights, ModelName, ImageSize, BatchSize })
            command.Add(option);
        Device.AddTo(command);
    }

    /// <summary>Reads the checkpoint; it describes its model itself.</summary>
    public Checkpoint Load(ParseResult parsed)
    {
        var path = parsed.GetRequiredValue(Weights);
        if (Directory.Exists(path))
            throw new InputException($"--weights {path}: that is a folder; give a file in it, as {Path.Combine(path, "best.safetensors")}");
        var checkpoint = Checkpoint.Load(path);
        if (parsed.GetValue(ModelName) is { } name && name != checkpoint.Model.Name)
            throw new InputException($"{path}: the checkpoint is of {checkpoint.Model.Name}, not of {name}; leave --model-name out, or give other weights");
        return checkpoint;
    }

    public int Size(ParseResult parsed, Checkpoint checkpoint) => parsed.GetValue(ImageSize) ?? checkpoint.ImageSize;

    /// <summary>How to load pictures for the checkpoint.</summary>
    public BatchLoaderOptions Loading(ParseResult parsed, Checkpoint checkpoint, int workers) => new()
    {
        BatchSize = parsed.GetValue(BatchSize),
        ImageSize = Size(parsed, checkpoint),
        Workers = workers,
        Filter = checkpoint.Resize,
        ExifRotate = checkpoint.ExifRotate,
    };

    public Backend Open(Session session, ParseResult parsed) => session.Open(Device.Read(parsed));
}
