using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>A training's folder; docs/formats.md says what is in it. Every file appears whole or not at all.</summary>
public sealed class TrainingRun
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private TrainingRun(string folder) => Folder = folder;

    /// <summary>The folder, as given.</summary>
    public string Folder { get; }

    /// <summary>run.json: options, versions, device, seed, data.</summary>
    public string DescriptionFile => In("run.json");

    /// <summary>metrics.csv: a row for every epoch.</summary>
    public string MetricsFile => In("metrics.csv");

    /// <summary>The plain weights after the last epoch.</summary>
    public string LastFile => In("last.safetensors");

    /// <summary>The better of plain and averaged weights of the best epoch.</summary>
    public string BestFile => In("best.safetensors");

    /// <summary>The weight average after the last epoch.</summary>
    public string AverageFile => In("average.safetensors");

    /// <summary>What a run needs to continue to the same bits.</summary>
    public string StateFile => StateIn(Folder);

    /// <summary>The state's file of a run in a folder.</summary>
    public static string StateIn(string folder) => Path.Combine(folder, "state.safetensors");

    /// <summary>How often the network says each class occurs, estimated during training.</summary>
    public string PriorFile => In("prior.csv");

    /// <summary>Class frequencies before and after labels were hidden on purpose, as a table and as a chart.</summary>
    public const string SimulationCsv = "simulation.csv", SimulationChart = "simulation.png";

    /// <summary>What became of un-annotated labels whose truth is known, epoch by epoch; only where it was asked for.</summary>
    public string IgnoredFile => In("ignored.csv");

    /// <summary>True if there is a state to resume from.</summary>
    public bool CanResume => File.Exists(StateFile);

    /// <summary>True if a training was begun in this folder.</summary>
    public bool Exists => File.Exists(DescriptionFile) || File.Exists(StateFile) || File.Exists(LastFile);

    /// <summary>Makes the folder for a new run.</summary>
    /// <param name="folder">May exist, but must not hold another run.</param>
    /// <param name="overwrite">Remove the files of another run that is there.</param>
    /// <exception cref="InputException">It holds a run, or cannot be written to.</exception>
    public static TrainingRun Create(string folder, bool overwrite = false)
    {
        var run = new TrainingRun(folder);
        if (!overwrite)
            RequireFree(folder);
        Files.RequireWritableFolder(folder);
        foreach (var file in run.AllFiles().Where(File.Exists))
            File.Delete(file);
        return run;
    }

    /// <summary>Refuses a folder that holds a run.</summary>
    /// <exception cref="InputException">It does.</exception>
    public static void RequireFree(string folder)
    {
        if (new TrainingRun(folder).Exists)
            throw new InputException($"--out {folder}: there is a training run already; go on with it by --resume, or choose another folder");
    }

    /// <summary>Opens the folder of a run that was begun.</summary>
    /// <exception cref="InputException">There is none, or it cannot be written to.</exception>
    public static TrainingRun Open(string folder)
    {
        var run = new TrainingRun(folder);
        if (!run.CanResume)
            throw new InputException($"--resume {folder}: there is no {Path.GetFileName(run.StateFile)} to go on from; start the training without --resume");
        Files.RequireWritableFolder(folder);
        return run;
    }

    /// <summary>The run that was begun in a folder, whether or not it has a state to go on from; null where none was.</summary>
    public static TrainingRun? Begun(string folder) => new TrainingRun(folder) is var run && File.Exists(run.DescriptionFile) ? run : null;

    /// <summary>The options in run.json.</summary>
    /// <exception cref="InputException">The file is missing or damaged.</exception>
    public TrainerOptions ReadOptions() =>
        TrainerOptions.FromJson(Read("options")?.ToJsonString() ?? throw new InputException($"{DescriptionFile}: it has no options"));

    /// <summary>The options of a run that was begun in a folder; null where none was.</summary>
    /// <exception cref="InputException">run.json is damaged.</exception>
    public static TrainerOptions? OptionsIn(string folder)
    {
        var run = new TrainingRun(folder);
        return File.Exists(run.DescriptionFile) ? run.ReadOptions() : null;
    }

    /// <summary>The precision in run.json; that of runs from before there was a choice is fp32.</summary>
    /// <exception cref="InputException">The file is missing or damaged.</exception>
    public string ReadPrecision() => Read("precision")?.ToString() ?? Precision.Fp32.Option();

    /// <summary>How the run's data set was read, for a source that does not say it.</summary>
    /// <param name="source">The folder, and perhaps the type.</param>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    public DatasetSource ReadDataset(DatasetSource source) => source with
    {
        Type = source.Type == DatasetType.Auto && Read("datasetType")?.ToString() is { } type ? DatasetSource.TypeOf(type) : source.Type,
        SkipMissing = source.SkipMissing || Read("skipMissing")?.ToString() == "true",
    };

    /// <summary>As the other, of the run that was begun in a folder; the source as it is where none was.</summary>
    /// <param name="folder">A run's folder, or one that does not exist yet.</param>
    /// <param name="source">The folder of the data, and perhaps the type.</param>
    /// <exception cref="InputException">run.json is damaged.</exception>
    public static DatasetSource ReadDataset(string folder, DatasetSource source)
    {
        var run = new TrainingRun(folder);
        return File.Exists(run.DescriptionFile) ? run.ReadDataset(source) : source;
    }

    /// <summary>Pictures that could not be read when the run was begun and that it goes on without.</summary>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    public IReadOnlyList<BadPicture> ReadLeftOut()
    {
        string Text(JsonNode? entry, string name) => entry?[name]?.ToString() ?? throw new InputException($"{DescriptionFile}: its list of pictures left out is damaged");
        return Read("leftOut") is JsonArray entries
            ? [.. entries.Select(entry => new BadPicture(Text(entry, "part"), Text(entry, "file"), Text(entry, "problem")))]
            : [];
    }

    private static IEnumerable<JsonNode> LeftOut(string part, ImageDataset data) =>
        data.LeftOut.Select(bad => new JsonObject { ["part"] = part, ["file"] = bad.File, ["problem"] = bad.Problem });

    private JsonNode? Read(string property)
    {
        try
        {
            return JsonNode.Parse(TextFile.Read(DescriptionFile))?[property];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InputException($"{DescriptionFile}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Writes run.json.</summary>
    internal void WriteDescription(TrainerOptions options, Backend backend, ImageDataset training, ImageDataset validation)
    {
        var text = new JsonObject
        {
            ["engine"] = typeof(TrainingRun).Assembly.GetName().Version?.ToString(3),
            ["runtime"] = Environment.Version.ToString(),
            ["device"] = backend.Device.Name,
            ["precision"] = backend.Precision.Option(),
            ["seed"] = options.Seed,
            ["datasetType"] = DatasetSource.NameOf(training.Type),
            ["skipMissing"] = training.SkipsMissing,
            ["trainingPictures"] = training.Samples.Count,
            ["validationPictures"] = validation.Samples.Count,
            ["model"] = JsonNode.Parse(options.Model(training.Attributes.ClassCount).ToJson()),
            ["attributes"] = JsonNode.Parse(training.Attributes.ToJson())!["attributes"]?.DeepClone(),
            ["options"] = JsonNode.Parse(options.ToJson()),
        };
        if (training.LeftOut.Count + validation.LeftOut.Count > 0)
            text["leftOut"] = new JsonArray([.. LeftOut("train", training), .. LeftOut("val", validation)]);
        if (options.LossPreset is { } preset)
            text["lossPresetSource"] = LossPresets.Find(preset).Source;
        if (options.Order(training) is BalancedOrder order)
        {
            text["classDraws"] = new JsonArray([.. order.Describe(training.Attributes.ClassNames)
                .Select(c => new JsonObject { ["name"] = c.Name, ["before"] = c.Before, ["after"] = c.After })]);
        }
        Files.WriteAtomically(DescriptionFile, text.ToJsonString(Indented) + "\n");
    }

    private IEnumerable<string> AllFiles() => [DescriptionFile, MetricsFile, LastFile, BestFile, AverageFile, StateFile, PriorFile, In(SimulationCsv), In(SimulationChart), IgnoredFile];

    private string In(string file) => Path.Combine(Folder, file);
}
