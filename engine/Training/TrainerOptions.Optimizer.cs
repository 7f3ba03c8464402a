using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>How weights follow their gradients.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with weight decay as L2 in the gradient, as published runs have it.</summary>
    Adam,
    /// <summary>Adam with decoupled weight decay.</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,
}

/// <summary>How the learning rate goes from step to step.</summary>
public enum ScheduleKind
{
    /// <summary><see cref="OneCycleSchedule"/>, as published runs have it.</summary>
    OneCycle,
    /// <summary>A warm-up, then half a cosine to 0.</summary>
    Cosine,
    /// <summary>A warm-up, then the same rate to the end.</summary>
    Constant,
}

/// <summary>What of a network is not trained.</summary>
public enum FrozenPart
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>The body: weights and running statistics stay as they are.</summary>
    Body,
}

// How weights follow their gradients. What has its default is not written: runs from before can be resumed.
public sealed partial record TrainerOptions
{
    /// <summary>How weights follow their gradients.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OptimizerKind Optimizer { get; init; }

    /// <summary>How the learning rate goes from step to step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ScheduleKind Schedule { get; init; }

    /// <summary>
    /// Steps in which the learning rate rises evenly, for schedules other than the one cycle, which has its own rise.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int WarmupSteps { get; init; }

    /// <summary>
    /// The greatest norm of the whole gradient: a longer one is shortened to it before each step; null: no limit.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClipGradient { get; init; }

    /// <summary>
    /// Batches whose gradients are summed into one update, for updates of more pictures than memory has room for;
    /// null: 1. Each batch has its own batch statistics, and its own ranking where a loss ranks labels.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? AccumulationSteps { get; init; }

    /// <summary>Pictures of an update: of one batch, or of several.</summary>
    internal int UpdateSize => BatchSize * (AccumulationSteps ?? 1);

    /// <summary>What of the network is not trained.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FrozenPart Freeze { get; init; }

    /// <summary>Factor on the learning rate of the network's body, at most 1; null: 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BodyLrFactor { get; init; }

    /// <summary>The learning rate of every step.</summary>
    /// <param name="totalSteps">Steps of the whole training.</param>
    /// <exception cref="InputException">The warm-up is as long as the training.</exception>
    internal ILearningRateSchedule ScheduleOf(int totalSteps) => Schedule switch
    {
        ScheduleKind.Cosine => new WarmedSchedule(WarmedShape.Cosine, LearningRate, WarmupSteps, totalSteps),
        ScheduleKind.Constant => new WarmedSchedule(WarmedShape.Constant, LearningRate, WarmupSteps, totalSteps),
        _ => new OneCycleSchedule(LearningRate, totalSteps),
    };

    private AdamSettings OptimizerSettings => new(
        WeightDecay: WeightDecay, AverageDecay: AverageDecay, AverageWarmup: AverageWarmup,
        Decoupled: Optimizer == OptimizerKind.AdamW, GradientLimit: ClipGradient,
        BodyFactor: Freeze == FrozenPart.Body ? 0 : BodyLrFactor ?? 1);

    private void ValidateOptimizer()
    {
        Require(WarmupSteps >= 0, WarmupSteps, "give 0 or more");
        Require(
            WarmupSteps == 0 || Schedule != ScheduleKind.OneCycle, WarmupSteps,
            $"the one cycle has its own rise; give {new Term(nameof(Schedule))} cosine or constant, or leave it out");
        Require(
            ClipGradient is null || (double.IsFinite(ClipGradient.Value) && ClipGradient > 0), ClipGradient,
            "give a number above 0");
        Require(AccumulationSteps is null or >= 1 and <= 1024, AccumulationSteps, "give a number from 1 to 1024");
        Require(
            3L * BatchSize * (AccumulationSteps ?? 1) * ImageSize * ImageSize <= Array.MaxLength, AccumulationSteps,
            $"an update has at most {Array.MaxLength >> 20} MiB of pictures", nameof(AccumulationSteps));
        Require(
            AccumulationSteps is null || CustomLoss is not PartialLossDescription
            {
                Options.Kind: PartialLossKind.LargeLossCp,
            }, AccumulationSteps, "the loss large-loss-cp marks labels batch by batch: leave one of the two out");
        Require(BodyLrFactor is null or (> 0 and <= 1), BodyLrFactor, "give a number above 0, at most 1");
        Require(
            BodyLrFactor is null || Freeze != FrozenPart.Body, BodyLrFactor,
            $"{new Term(nameof(Freeze))} body has no learning rate: leave one of the two out");
        Require(
            InitialWeights is not null || Freeze != FrozenPart.Body, "body",
            $"without {new Term(nameof(InitialWeights))} the body would stay random; give them too",
            nameof(Freeze));
    }
}
