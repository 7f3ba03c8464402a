using System.CommandLine;
using System.Globalization;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options that validate, infer and prior share: which weights, and how to run them.</summary>
internal sealed class ModelOptions(Session session)
{
    private readonly Option<int?> _classes = Options.NumberOfClasses();

    public Option<string?> Weights { get; } = Options.OptionalPath(
        "--weights",
        "Checkpoint of a training run, as run/best.safetensors, or published weights (.pth); without it the best of "
            + "the newest run here.");

    public Option<string?> ModelName { get; } =
        Options.OptionalPath(
            "--model-name", "Fail unless the checkpoint is of this model; without it the checkpoint says which it is.",
            "name");

    public Option<int?> ImageSize { get; } = Options.OptionalInteger(
        "--image-size", "Height and width in pixels; without it as trained.", 1, 4096);

    public Option<int> BatchSize { get; } = Options.Integer(
        "--batch-size", 8, "Pictures that go through the network together.", 1, 65536);

    public DeviceOptions Device { get; } = new(training: false);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Weights, ModelName, ImageSize, BatchSize, _classes })
            command.Add(option);
        Device.AddTo(command);
    }

    /// <summary>The training options that ask for a network, as text; null if none do.</summary>
    public static string? Of(INetworkDescription model)
    {
        if (NetworkCatalog.VariantNames.Contains(model.Name)
            && !model.DifferencesFrom(NetworkCatalog.Describe(model.Name, 1), body: true).Any())
        {
            return $"--model-name {model.Name}";
        }

        return model is TResNetOptions { Version2: false } custom
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"--layers {string.Join(",", custom.Layers)} --width {custom.Width:0.######}")
            : null;
    }

    /// <summary>Reads the checkpoint; it describes its model itself.</summary>
    public Checkpoint Load(ParseResult parsed)
    {
        var path = parsed.GetValue(Weights) ?? session.Chosen("--weights", session.Places.Weights());
        if (Directory.Exists(path))
        {
            throw new InputException(
                $"--weights {path}: that is a folder; give a file in it, as {Path.Combine(path, "best.safetensors")}");
        }
        var checkpoint = Checkpoint.Load(path, session.Cancellation);
        foreach (var remark in checkpoint.Remarks)
            session.Note($"{path}: {remark}");
        if (parsed.GetValue(ModelName) is { } name
            && !string.Equals(name, checkpoint.Model.Name, StringComparison.OrdinalIgnoreCase))
        {
            throw NotOf(name, path, checkpoint.Model);
        }
        if (parsed.GetValue(_classes) is { } classes && classes != checkpoint.Attributes.ClassCount)
        {
            throw new InputException($"--num-classes {classes}: {path} predicts {checkpoint.Attributes.ClassCount} "
                + $"classes; leave the option out, or give other weights");
        }
        return checkpoint;
    }

    /// <summary>As the checkpoint's pictures were prepared, in another size if one is given.</summary>
    public PicturePreparation Preparation(ParseResult parsed, Checkpoint checkpoint) => checkpoint.Preparation with
    {
        ImageSize = parsed.GetValue(ImageSize) ?? checkpoint.Preparation.ImageSize,
    };

    /// <summary>Options of loading pictures for the checkpoint.</summary>
    public BatchLoaderOptions Loading(ParseResult parsed, Checkpoint checkpoint, int workers) => new()
    {
        BatchSize = parsed.GetValue(BatchSize),
        Preparation = Preparation(parsed, checkpoint),
        Workers = workers,
    };

    // Names alone do not say what to change: a custom network may have any name.
    private static InputException NotOf(string name, string path, INetworkDescription model)
    {
        var known = NetworkCatalog.VariantNames.FirstOrDefault(
            variant => variant.Equals(name, StringComparison.OrdinalIgnoreCase));
        var differences = known is null
            ? []
            : model.DifferencesFrom(NetworkCatalog.Describe(known, model.Classes), body: true).ToList();
        var why = differences.Count > 0 ? $": it has {string.Join(", ", differences)}" : "";
        return new InputException($"{path}: the checkpoint is of {model.Name}, not of {name}{why}; leave --model-name "
            + $"out, or give other weights");
    }

    public Backend Open(ParseResult parsed) => session.Open(Device.Read(parsed));
}
