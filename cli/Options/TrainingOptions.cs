using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The options of training, with the reference project's names and defaults.</summary>
internal sealed class TrainingOptions
{
    private static readonly TrainerOptions Standard = new();

    private static readonly Dictionary<string, SelectionMetric> BestByNames = new(StringComparer.Ordinal)
    {
        ["map"] = SelectionMetric.MeanAp,
        ["weighted-map"] = SelectionMetric.WeightedMap,
        ["micro-ap"] = SelectionMetric.MicroAp,
        ["macro-f1"] = SelectionMetric.MacroF1,
        ["micro-f1"] = SelectionMetric.MicroF1,
        ["balanced-accuracy"] = SelectionMetric.BalancedAccuracy,
        ["loss"] = SelectionMetric.ValidationLoss,
    };

    private readonly Option<string> _model = Options.Network();
    private readonly Option<int[]?> _layers = Options.FourIntegers(
        "--layers", "Residual blocks of the four stages, for a custom network.");
    private readonly Option<double?> _width = Options.OptionalNumber(
        "--width", "Factor on the channels; without it the variant's.", 0.02, 64);
    private readonly Option<int?> _head = Options.OptionalInteger(
        "--bottleneck-head", "Width of a linear layer before the last one, for many classes.", 1, 65536);
    private readonly Option<int> _size = Options.Integer(
        "--image-size", Standard.ImageSize, "Height and width in pixels.", 1, 4096);
    private readonly Option<int> _batch = Options.BatchSize(Standard.BatchSize);
    private readonly Option<double> _rate = Options.Number(
        "--lr", Standard.LearningRate, "The greatest learning rate, the top of the schedule.", 0, above: true);
    private readonly Option<int> _epochs = Options.Integer(
        "--epochs", Standard.Epochs, "Epochs of the schedule.", 1, 1_000_000);
    private readonly Option<int?> _stop = Options.OptionalInteger(
        "--stop-epoch", "Stop after this many epochs, even if the schedule is longer.", 1);
    private readonly Option<int?> _patience = Options.OptionalInteger(
        "--patience", "Stop after this many epochs in which no weights were better than the best so far.", 1);
    private readonly Option<string> _bestBy = Options.Choice(
        "--best-by", "map", "The validation metric by which the best weights are chosen", [.. BestByNames.Keys]);
    private readonly Option<double> _decay = Options.Number(
        "--weight-decay", Standard.WeightDecay, "Weight decay of everything but biases and norms.", 0);
    private readonly Option<double> _averageDecay = Options.Number(
        "--ema-decay", Standard.AverageDecay, "Decay of the weight average (EMA), above 0 and below 1.", 0,
        1, above: true);
    private readonly Option<string> _averageWarmup = Options.OnOff(
        "--ema-warmup", Standard.AverageWarmup,
        "The average's decay at update t (from 0) is at most (1 + t) / (10 + t)");
    private readonly Option<string> _mode = Options.Choice(
        "--partial-loss-mode", "selective", "What un-annotated labels count as", "selective", "ignore",
        "ignore_normalize_classes", "negative", "none");
    private readonly Option<double> _gammaPositive = Options.Number(
        "--gamma-pos", Standard.Loss.GammaPositive, "Focusing exponent of positives.", 0);
    private readonly Option<double> _gammaNegative = Options.Number(
        "--gamma-neg", Standard.Loss.GammaNegative, "Focusing exponent of annotated negatives.", 0);
    private readonly Option<double> _gammaUnknown = Options.Number(
        "--gamma-unann", Standard.Loss.GammaUnannotated, "Focusing exponent of un-annotated labels.", 0);
    private readonly Option<double> _alphaPositive = Options.Number(
        "--alpha-pos", Standard.Loss.AlphaPositive, "Weight of positives.", 0);
    private readonly Option<double> _alphaNegative = Options.Number(
        "--alpha-neg", Standard.Loss.AlphaNegative, "Weight of annotated negatives.", 0);
    private readonly Option<double> _alphaUnknown = Options.Number(
        "--alpha-unann", Standard.Loss.AlphaUnannotated, "Weight of un-annotated labels.", 0);
    private readonly Option<double> _clip = Options.Number(
        "--clip", Standard.Loss.Clip, "Probability margin of negatives, below 1.", 0, 0.999);
    private readonly Option<int> _topK = Options.TopK(Standard.Loss.LikelihoodTopK);
    private readonly Option<string?> _prior = Options.OptionalPath(
        "--prior-path", "prior.csv of an earlier run, or the reference's file.");
    private readonly Option<double> _threshold = Options.Number(
        "--prior-threshold", Math.Round(Standard.Loss.PriorThreshold, 4),
        "Classes with a prior above it are left out; 0: none.", 0, 1);
    private readonly Option<string?> _weights = Options.OptionalPath("--weights", "Weights of the same model to start "
        + "from, of any task (.pth or .safetensors); without it random weights.");
    private readonly Option<bool> _byPosition = Options.Flag(
        "--classes-by-position",
        "Take the classes of --weights, --prior-path and of a run that continues in their order, not by their names.");
    private readonly SimulationOptions _simulation = new("--simulate-partial-");
    private readonly Option<bool> _countIgnored = Options.Flag("--count-ignored", "With --simulate-partial-type: count "
        + "how many un-annotated labels the selective loss leaves out are truly positive.");
    private readonly Option<bool> _rotate = Options.Flag(
        "--exif-rotate", "Turn pictures as their EXIF orientation says.");
    private readonly Option<int> _workers = Options.Workers();
    private readonly Option<ulong> _seed = Options.Seed(
        Standard.Seed, "Decides initial weights and the order of pictures.");

    private readonly Option<string?> _config = Options.OptionalPath(
        "--config", "Begin with the options, data set and seed of a run.json, or of an object of options alone; "
            + "options that are given here win.");

    private readonly RecipeOptions _recipe = new();
    private readonly OptimizerOptions _optimizer = new();
    private readonly SavingOptions _saving = new();

    // Options that may change when a run is resumed come last.
    private Option[] All =>
    [
        _model, _layers, _width, _head, _size, _batch, _rate, _epochs, _decay, _averageDecay, _averageWarmup, _mode,
        _gammaPositive, _gammaNegative, _gammaUnknown, _alphaPositive, _alphaNegative, _alphaUnknown, _clip, _topK,
        _prior, _threshold, .. _simulation.All, _countIgnored, .. _recipe.All, _weights, _rotate, _seed, _byPosition,
        .. _optimizer.All, _bestBy, .. _saving.All, _patience, _stop, _workers,
    ];

    /// <summary>Adds the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="schedule">False: without those of the schedule, and of what is kept of a run.</param>
    public void AddTo(Command command, bool schedule = true)
    {
        Option[] ofRuns =
        [
            _rate, _epochs, _stop, _patience, _bestBy, _averageDecay, _averageWarmup, _countIgnored, .. _simulation.All,
            .. _saving.All, .. _optimizer.OfSchedule, .. _recipe.SelfLabels,
        ];
        foreach (var option in schedule ? All : All.Except(ofRuns))
            command.Add(option);
        command.Add(_config);
    }

    /// <summary>The option of a file with options.</summary>
    public Option<string?> Configuration => _config;

    /// <summary>The options given, those of the configuration or the reference's defaults for the rest.</summary>
    public TrainerOptions Read(ParseResult parsed)
    {
        var standard = parsed.GetValue(_config) is { } file ? TrainerOptions.FromFile(file) : Standard;
        var options = Merge(parsed, standard);
        if (!parsed.IsGiven(_stop))
            options = options with { StopEpoch = standard.StopEpoch };
        options.Validate();
        options.Model(classes: 1);
        return options;
    }

    /// <summary>
    /// True if the batch size is to be determined. A run that continues keeps the one that was determined.
    /// </summary>
    public bool IsAutomatic(ParseResult parsed) => parsed.GetValue(_batch) == Options.AutomaticBatchSize;

    /// <summary>Refuses options of which one would change nothing, and says so of those that are harmless.</summary>
    /// <param name="session">The session, which receives notes.</param>
    /// <param name="parsed">The command line of a new training.</param>
    /// <param name="options">The options that were read from it.</param>
    /// <param name="twoStage">The option of a training in two stages.</param>
    /// <exception cref="InputException">Names the options.</exception>
    public void RefuseContradictions(Session session, ParseResult parsed, TrainerOptions options, Option<bool> twoStage)
    {
        var twoStages = parsed.GetValue(twoStage);
        var mode = parsed.GetValue(_mode)!;
        if (twoStages && mode != "selective")
            parsed.RefuseBoth(twoStage, _mode, $"two stages are mode ignore and then mode selective, not {mode}");
        RefuseOfOtherLosses(parsed, options);
        if (options.CustomLoss is { } custom)
            parsed.RefuseAny([twoStage], $"only the selective loss takes it, not the loss {custom.Name}");
        var selective = twoStages || options.Loss.Mode == PartialLossMode.Selective;
        if (!selective && options.CustomLoss is null)
        {
            parsed.RefuseAny(
                options.Cap is null ? [_prior, _countIgnored] : [_countIgnored],
                $"only --partial-loss-mode selective leaves labels out, not "
                    + $"{options.Loss.Mode.ToString().ToLowerInvariant()}");
        }

        if (!parsed.IsGiven(_weights) && !parsed.IsGiven(_prior))
        {
            parsed.RefuseAny(
                [_byPosition], "without --weights, --prior-path and --resume there are no classes to match");
        }
        if (options.CustomLoss is not null)
            return;
        if (!selective)
            parsed.NoteAny(session, [_topK, _threshold], "only --partial-loss-mode selective uses it");
        else if (!twoStages && options.TopKFromPrior && options.PriorPath is null)
            throw HiddenPositives.Missing();
        else if (!twoStages && options.PriorPath is null && options.Head == HeadKind.Sigmoid)
            parsed.NoteAny(session, [_threshold], "changes nothing without --prior-path or --two-stage");
    }

    /// <summary>Refuses the selective loss's options where another loss is trained with.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options that were read from it.</param>
    /// <exception cref="InputException">Names the option.</exception>
    public void RefuseOfOtherLosses(ParseResult parsed, TrainerOptions options)
    {
        Option[] ofSelectiveLoss =
        [
            _mode, _gammaPositive, _gammaNegative, _gammaUnknown, _alphaPositive, _alphaNegative, _alphaUnknown, _clip,
            _topK, _threshold,
        ];
        if (options.Head == HeadKind.Grouped)
            parsed.RefuseAny([_recipe.Loss, .. ofSelectiveLoss], "--head grouped has its own loss");
        if (options.CustomLoss is { } custom)
            parsed.RefuseAny(ofSelectiveLoss, $"only the selective loss takes it, not the loss {custom.Name}");
    }

    /// <summary>Value of <c>--classes-by-position</c>.</summary>
    public bool ClassesByPosition(ParseResult parsed) => parsed.GetValue(_byPosition);

    /// <summary>Options that a run does not remember, because its numbers do not depend on them.</summary>
    public IEnumerable<Option> NotRemembered => [_stop, _workers];

    /// <summary>
    /// The options of a run that continues: the saved ones; of those that decide its numbers only the learning rate may
    /// be given another value.
    /// </summary>
    public TrainerOptions Resumed(ParseResult parsed, TrainerOptions saved)
    {
        var options = Merge(parsed, saved) with { NewLearningRate = parsed.IsGiven(_rate) };
        if (options.InitialWeights is { } weights && !IsSame(weights, saved.InitialWeights))
        {
            throw new InputException(
                $"--resume: the run continues with its own weights; leave --weights {weights} out, or start anew");
        }
        return options.DifferencesTo(saved) is [var first, ..]
            ? throw new InputException(
                $"--resume: the run was begun with other options ({first}); leave them out, or start a new run")
            : options;
    }

    private static bool IsSame(string path, string? other) =>
        other is not null && Path.GetFullPath(path) == Path.GetFullPath(other);

    private TrainerOptions Merge(ParseResult parsed, TrainerOptions otherwise)
    {
        T Given<T>(Option<T> option, T value) =>
            parsed.IsGiven(option) ? parsed.GetValue(option)! : value;
        float Factor(Option<double> option, float value) => (float)Given(option, value);
        otherwise = _saving.Merge(parsed, _optimizer.Merge(parsed, _recipe.Merge(parsed, otherwise)));
        var loss = otherwise.Loss;
        return otherwise with
        {
            ModelName = Given(_model, otherwise.ModelName),
            Layers = Given(_layers, otherwise.Layers?.ToArray()),
            Width = Given(_width, otherwise.Width),
            BottleneckHead = Given(_head, otherwise.BottleneckHead),
            ImageSize = Given(_size, otherwise.ImageSize),
            BatchSize = IsAutomatic(parsed) ? otherwise.BatchSize : Given(_batch, otherwise.BatchSize),
            LearningRate = Given(_rate, otherwise.LearningRate),
            Epochs = Given(_epochs, otherwise.Epochs),
            StopEpoch = Given(_stop, null),
            Patience = Given(_patience, otherwise.Patience),
            BestBy = parsed.IsGiven(_bestBy) ? BestByNames[parsed.GetRequiredValue(_bestBy)] : otherwise.BestBy,
            WeightDecay = Given(_decay, otherwise.WeightDecay),
            AverageDecay = Given(_averageDecay, otherwise.AverageDecay),
            AverageWarmup = Given(_averageWarmup, otherwise.AverageWarmup ? Options.On : Options.Off) == Options.On,
            PriorPath = Given(_prior, otherwise.PriorPath),
            Simulation = _simulation.Read(parsed, otherwise.Simulation),
            CountIgnored = Given(_countIgnored, otherwise.CountIgnored),
            ClassesByPosition = Given(_byPosition, otherwise.ClassesByPosition),
            InitialWeights = Given(_weights, otherwise.InitialWeights),
            ExifRotate = Given(_rotate, otherwise.ExifRotate),
            Workers = parsed.GetValue(_workers),
            Seed = Given(_seed, otherwise.Seed),
            TopKFromPrior = parsed.IsGiven(_topK)
                ? parsed.GetValue(_topK) == Options.TopKFromPrior
                : otherwise.TopKFromPrior,
            Loss = new SelectiveLossOptions(
                parsed.IsGiven(_mode) ? Mode(parsed.GetValue(_mode)!) : loss.Mode,
                Factor(_gammaPositive, loss.GammaPositive), Factor(_gammaNegative, loss.GammaNegative),
                Factor(_gammaUnknown, loss.GammaUnannotated), Factor(_alphaPositive, loss.AlphaPositive),
                Factor(_alphaNegative, loss.AlphaNegative), Factor(_alphaUnknown, loss.AlphaUnannotated),
                Factor(_clip, loss.Clip), TopK(parsed, loss.LikelihoodTopK), Factor(_threshold, loss.PriorThreshold)),
        };
    }

    private int TopK(ParseResult parsed, int otherwise) =>
        parsed.IsGiven(_topK) && parsed.GetValue(_topK) != Options.TopKFromPrior ? parsed.GetValue(_topK) : otherwise;

    private static PartialLossMode Mode(string name) =>
        EnumNames.Parse<PartialLossMode>(name.Replace("_", "", StringComparison.Ordinal), "--partial-loss-mode");
}
