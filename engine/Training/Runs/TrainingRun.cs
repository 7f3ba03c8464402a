using System.Text.Json;
using System.Text.Json.Nodes;

namespace Flixstock.Engine;

/// <summary>A training's folder; docs/formats.md says what is in it. Every file appears whole or not at all.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed partial class TrainingRun
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    private TrainingRun(string folder)
    {
        Folder = folder;
        StagedOutput.SettleAround(folder);
    }

    /// <summary>The folder, as given.</summary>
    public string Folder { get; }

    /// <summary>Name of <see cref="DescriptionFile"/>.</summary>
    public const string DescriptionName = "run.json";

    /// <summary>run.json: options, versions, commit, device, seed, data.</summary>
    public string DescriptionFile => In(DescriptionName);

    /// <summary>metrics.csv: a row for every epoch.</summary>
    public string MetricsFile => In("metrics.csv");

    /// <summary>steps.csv: the loss by step; of a long training every n-th step.</summary>
    public string StepsFile => In("steps.csv");

    /// <summary>events.out.tfevents.flixstock: scalars by step and by epoch for TensorBoard.</summary>
    public string EventsFile => In("events.out.tfevents.flixstock");

    /// <summary>mlflow.json: the run on an MLflow server that this one is logged to, if it is.</summary>
    internal string MlflowFile => In("mlflow.json");

    /// <summary>The plain weights after the last epoch.</summary>
    public string LastFile => In("last.safetensors");

    /// <summary>The better of plain and averaged weights of the best epoch.</summary>
    public string BestFile => In("best.safetensors");

    /// <summary>The weight average after the last epoch.</summary>
    public string AverageFile => In("average.safetensors");

    /// <summary>The file that holds what a run needs to continue to the same bits.</summary>
    public string StateFile => StateIn(Folder);

    /// <summary>The state before that one: taken when the newest is damaged.</summary>
    public string PreviousStateFile => In("state.previous.safetensors");

    /// <summary>The state's file of a run in a folder.</summary>
    public static string StateIn(string folder) => Path.Combine(folder, "state.safetensors");

    /// <summary>How often the network says each class occurs, estimated during training.</summary>
    public string PriorFile => PriorIn(Folder);

    /// <summary>The prior's file of a run in a folder.</summary>
    public static string PriorIn(string folder) => Path.Combine(folder, "prior.csv");

    /// <summary>What became of un-annotated labels whose truth is known, epoch by epoch; only on request.</summary>
    public string IgnoredFile => In("ignored.csv");

    /// <summary>pseudo_labels.csv: the labels that the training has given itself, epoch by epoch.</summary>
    internal string PseudoLabelsFile => In("pseudo_labels.csv");

    /// <summary>non_finite.csv: the pictures of every batch whose loss was not finite; only if there was one.</summary>
    public string NonFiniteFile => In("non_finite.csv");

    /// <summary>
    /// curves.png: loss, mAP and learning rate of every epoch, written when all epochs are trained. curves.svg next to
    /// it shows the same after every epoch.
    /// </summary>
    public string CurvesFile => In("curves.png");

    /// <summary>report.html: a page that shows the run, if one was asked for; it ends with the run.</summary>
    internal string ReportFile => In("report.html");

    /// <summary>True if there is a state to resume from.</summary>
    public bool CanResume => File.Exists(StateFile) || File.Exists(PreviousStateFile);

    /// <summary>True if there is a state to resume from in a folder.</summary>
    public static bool CanResumeIn(string folder) => At(folder).CanResume;

    /// <summary>True if the folder holds something that took training: weights, or a state to resume from.</summary>
    public bool HoldsWork => CanResume || new[] { LastFile, AverageFile, BestFile }.Any(File.Exists);

    /// <summary>
    /// The folder for a new run. What another run has left in it stays until the trainer has been built.
    /// </summary>
    /// <param name="folder">
    /// May exist, but must not hold another run's work; what a run left that saved nothing is no work.
    /// </param>
    /// <param name="overwrite">True to replace an existing run.</param>
    /// <param name="held">The folder's lock if the caller holds it; null: the trainer takes it.</param>
    /// <exception cref="InputException">It holds a run, or cannot be written to.</exception>
    public static TrainingRun Create(string folder, bool overwrite = false, FolderLock? held = null)
    {
        if (!overwrite)
            RequireFree(folder);
        Files.RequireWritableFolder(folder);
        var run = new TrainingRun(folder) { Lock = held };
        run.RequireNoFolders();
        return run;
    }

    /// <summary>Refuses a folder with a run that is worth keeping.</summary>
    /// <exception cref="InputException">Names what can be done: continue it, or replace it.</exception>
    public static void RequireFree(string folder)
    {
        var run = new TrainingRun(folder);
        if (TwoStagePlan.HoldsWork(folder))
        {
            throw new InputException($"{Term.Folder} {folder}: there is a training in two stages already; "
                + $"continue it with {Term.Resume}, or replace it with {Term.Overwrite}");
        }

        if (run.HoldsWork)
        {
            var remedy = run.CanResume
                ? (Wording)$"; continue it with {Term.Resume}, or"
                : " that kept no state to continue from;";
            throw new InputException($"{Term.Folder} {folder}: there is a training run already{remedy} replace it "
                + $"with {Term.Overwrite}");
        }
    }

    /// <summary>
    /// True if a run was begun in a folder and stopped before anything was saved: there is nothing to continue and
    /// nothing to lose.
    /// </summary>
    public static bool NeverSaved(string folder)
    {
        var run = new TrainingRun(folder);
        return File.Exists(run.DescriptionFile) && !run.HoldsWork;
    }

    /// <summary>Opens the folder of a run that was begun.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="classesByPosition">Take the data set's classes in their order, regardless of their names.</param>
    /// <param name="held">The folder's lock if the caller holds it; null: the trainer takes it.</param>
    /// <exception cref="InputException">The folder holds no run, or it cannot be written to.</exception>
    public static TrainingRun Open(string folder, bool classesByPosition = false, FolderLock? held = null)
    {
        var run = new TrainingRun(folder) { ClassesByPosition = classesByPosition, Lock = held, IsContinued = true };
        if (!run.CanResume)
            throw new InputException($"{Term.Resume} {folder}: {run.WhyNot()}");
        Files.RequireWritableFolder(folder);
        run.RequireNoFolders();
        return run;
    }

    /// <summary>
    /// The run that was begun in a folder, whether or not it has a state to continue from; null if none was.
    /// </summary>
    public static TrainingRun? Begun(string folder, bool classesByPosition = false) =>
        new TrainingRun(folder) { ClassesByPosition = classesByPosition } is var run && File.Exists(run.DescriptionFile)
            ? run
            : null;

    private Wording WhyNot()
    {
        if (HoldsWork)
        {
            return $"the run there kept no {Path.GetFileName(StateFile)} to continue from; "
                + $"leave {Term.Resume} out and give {Term.Overwrite} to train again";
        }

        return File.Exists(DescriptionFile)
            ? (Wording)
                $"the run there was stopped before anything was saved; give the same command without {Term.Resume}"
            : (Wording)$"no training was begun there; leave {Term.Resume} out to begin one";
    }

    /// <summary>The run in a folder, to ask, whether one was begun there or not.</summary>
    internal static TrainingRun At(string folder) => new(folder);

    /// <summary>The options in run.json.</summary>
    /// <exception cref="InputException">The file is missing or damaged.</exception>
    public TrainerOptions ReadOptions()
    {
        var json = Read("options")?.ToJsonString() ?? throw new InputException($"{DescriptionFile}: it has no options");
        return Named(() => TrainerOptions.FromJson(json));
    }

    // What is wrong in run.json, with its name.
    private T Named<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InputException e)
        {
            throw new InputException($"{DescriptionFile}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The options of a run that was begun in a folder; null if none was.</summary>
    /// <exception cref="InputException">run.json is damaged.</exception>
    public static TrainerOptions? OptionsIn(string folder)
    {
        var run = new TrainingRun(folder);
        return File.Exists(run.DescriptionFile) ? run.ReadOptions() : null;
    }

    /// <summary>The precision in run.json; fp32 for runs from before there was a choice.</summary>
    /// <exception cref="InputException">The file is missing or damaged.</exception>
    public string ReadPrecision() => Read("precision")?.ToString() ?? Precision.Fp32.Name();

    /// <summary>Completes a source with the way in which the run's data set was read.</summary>
    /// <param name="source">The folder, and perhaps the type.</param>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    public DatasetSource ReadDataset(DatasetSource source) => source with
    {
        Type = source.Type == DatasetType.Auto && Read("datasetType")?.ToString() is { } type
            ? Named(() => DatasetSource.TypeOf(type))
            : source.Type,
        SkipMissing = source.SkipMissing || Read("skipMissing")?.ToString() == "true",
        Fold = FoldOf(source.Fold),
    };

    /// <summary>The fold that the run is trained on; null: none.</summary>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    public DataFold? ReadFold() => Read("fold")?.ToString() is { } fold ? Named(() => DataFold.Parse(fold)) : null;

    private DataFold? FoldOf(DataFold? given)
    {
        var begun = ReadFold();
        if (given is null || given == begun)
            return begun;
        var how = begun is null ? "without folds" : $"with fold {begun}";
        throw new InputException(
            $"{Term.Fold} {given}: the run in {Folder} was begun {how}; leave it out, or start a new run");
    }

    /// <summary>
    /// Same as the other overload, for the run that was begun in a folder; returns the source unchanged if none was.
    /// </summary>
    /// <param name="folder">A run's folder, or one that does not exist yet.</param>
    /// <param name="source">The folder of the data, and perhaps the type.</param>
    /// <exception cref="InputException">run.json is damaged.</exception>
    public static DatasetSource ReadDataset(string folder, DatasetSource source)
    {
        var run = new TrainingRun(folder);
        return File.Exists(run.DescriptionFile) ? run.ReadDataset(source) : source;
    }

    /// <summary>Pictures that could not be read when the run was begun and that it continues without.</summary>
    /// <exception cref="InputException">run.json is missing or damaged.</exception>
    public IReadOnlyList<BadPicture> ReadLeftOut()
    {
        string Text(JsonNode? entry, string name) => entry?[name]?.ToString()
            ?? throw new InputException($"{DescriptionFile}: its list of pictures left out is damaged");
        return Read("leftOut") is JsonArray entries
            ? [.. entries.Select(
                entry => new BadPicture(Text(entry, "part"), Text(entry, "file"), Text(entry, "problem")))]
            : [];
    }

    private static IEnumerable<JsonNode> LeftOut(string part, ImageDataset data) =>
        data.LeftOut.Select(bad => new JsonObject { ["part"] = part, ["file"] = bad.File, ["problem"] = bad.Problem });

    /// <summary>All of run.json.</summary>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    internal JsonObject Description()
    {
        try
        {
            return StrictJson.Parse(TextFile.Read(DescriptionFile)) as JsonObject
                ?? throw new InputException($"{DescriptionFile}: cannot be read: it holds no object");
        }
        catch (JsonException e)
        {
            throw new InputException($"{DescriptionFile}: cannot be read: {e.Message}", e);
        }
    }

    private JsonNode? Read(string property) => Description()[property];

    /// <summary>Writes run.json.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="backend">The device to compute on.</param>
    /// <param name="training">The pictures to learn from.</param>
    /// <param name="validation">The pictures to validate on.</param>
    /// <param name="original">The training pictures with all labels, if some were hidden deliberately.</param>
    internal void WriteDescription(
        TrainerOptions options, Backend backend, ImageDataset training, ImageDataset validation,
        ImageDataset? original = null)
    {
        var text = new JsonObject
        {
            ["engine"] = typeof(TrainingRun).Assembly.GetName().Version?.ToString(3),
            ["runtime"] = Environment.Version.ToString(),
            ["git"] = DescribeCommit(),
            ["device"] = backend.Device.Name,
            ["precision"] = backend.PrecisionName,
            ["seed"] = options.Seed,
            ["datasetType"] = DatasetSource.NameOf(training.Type),
            ["skipMissing"] = training.SkipsMissing,
            [Data] = DescribeData(original ?? training, validation),
            ["trainingPictures"] = training.Samples.Count,
            ["validationPictures"] = validation.Samples.Count,
            ["model"] = JsonNode.Parse(NetworkCatalog.ToJson(options.Model(training.Attributes.ClassCount))),
            ["attributes"] = JsonNode.Parse(training.Attributes.ToJson())!["attributes"]?.DeepClone(),
            ["options"] = JsonNode.Parse(options.ToJson()),
        };
        if (text["git"] is null)
            text.Remove("git");
        if (training.Fold is { } fold)
            text["fold"] = fold.ToString();
        if (training.LeftOut.Count + validation.LeftOut.Count > 0)
            text["leftOut"] = new JsonArray([.. LeftOut("train", training), .. LeftOut("val", validation)]);
        if (options.LossPreset is { } preset)
            text["lossPresetSource"] = LossPresets.Find(preset).Source;
        else if (options.CustomLoss is PartialLossDescription loss)
            text["lossSource"] = loss.Source;
        if (options.Order(training) is BalancedOrder order)
        {
            text["classDraws"] = new JsonArray([.. order.Describe(training.Attributes.ClassNames)
                .Select(c => new JsonObject { ["name"] = c.Name, ["before"] = c.Before, ["after"] = c.After })]);
        }
        Files.WriteAtomically(DescriptionFile, text.ToJsonString(Indented) + "\n");
    }

    // Of the folder in which the program was started: there lies what belongs to the training.
    private static JsonObject? DescribeCommit() =>
        GitCommit.Of(Environment.CurrentDirectory, GitCommit.Patience, Environment.GetEnvironmentVariable("PATH"))
            is var (commit, changed)
            ? new JsonObject { ["commit"] = commit, ["changed"] = changed }
            : null;

    /// <summary>Every option by its name in run.json, as <c>loss.gammaNegative</c>, in that order.</summary>
    /// <param name="options">The options in run.json.</param>
    /// <param name="prefix">What the names begin with.</param>
    /// <returns>Names and values; what is null is empty.</returns>
    internal static IEnumerable<(string Name, string Value)> FlatOptions(JsonObject options, string prefix = "")
    {
        foreach (var (name, value) in options)
        {
            if (value is JsonObject inner)
            {
                foreach (var entry in FlatOptions(inner, $"{prefix}{name}."))
                    yield return entry;
            }
            else
            {
                var text = value is JsonValue single ? single.ToString() : value?.ToJsonString();
                yield return (prefix + name, text ?? "");
            }
        }
    }

    private IEnumerable<string> AllFiles() =>
    [
        StateFile, PreviousStateFile, DescriptionFile, MetricsFile, StepsFile, EventsFile, PicturesFile, LastFile,
        BestFile, AverageFile, PriorFile, In(SimulatedLabels.CsvName), In(SimulatedLabels.ChartName), IgnoredFile,
        PseudoLabelsFile, NonFiniteFile, CurvesFile, In(PriorChart), ReportFile, MlflowFile,
        .. new[] { In(SimulatedLabels.ChartName), CurvesFile, In(PriorChart) }.Select(ChartFile.SvgOf),
    ];

    private string In(string file) => Path.Combine(Folder, file);
}
