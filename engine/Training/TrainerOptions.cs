using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Flixstock.Engine;

/// <summary>How often each picture occurs in an epoch.</summary>
public enum SampleBalance
{
    /// <summary>Every picture once.</summary>
    None,
    /// <summary>Pictures with rare classes more often: <see cref="BalancedOrder"/>.</summary>
    Sampler,
}

/// <summary>
/// What a training does when a loss or a gradient is not finite. In either case the step changes nothing.
/// </summary>
public enum NonFiniteAction
{
    /// <summary>Save the state before the step and stop.</summary>
    Stop,
    /// <summary>Leave the batch out and continue; stop after 32 such steps in a row.</summary>
    Skip,
}

/// <summary>Options of a training. Names and defaults are those of the reference project.</summary>
public sealed partial record TrainerOptions
{
    /// <summary>A published variant, or any name if <see cref="Layers"/> are given.</summary>
    public string ModelName { get; init; } = "tresnet_m";

    /// <summary>Residual blocks of the four stages, for a custom network.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>Factor on the channels; null: the variant's, or 1 for a custom network.</summary>
    public double? Width { get; init; }

    /// <summary>Width of the linear layer before the last one; null for one linear layer.</summary>
    public int? BottleneckHead { get; init; }

    /// <summary>An attention head in the place of the linear one; null: a linear head.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MlDecoderOptions? Decoder { get; init; }

    /// <summary>
    /// Factor of positive scores, with the linear layer before the pooling (BoostLU); null: the linear layer after it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Boost { get; init; }

    /// <summary>
    /// Any other network, of a family in the <see cref="NetworkCatalog"/>, instead of <see cref="ModelName"/> and what
    /// follows it; null: none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public INetworkDescription? Network { get; init; }

    /// <summary>Height and width in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Pictures per step.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>The greatest learning rate, the top of the schedule.</summary>
    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Epochs the schedule is made for.</summary>
    public int Epochs { get; init; } = 15;

    /// <summary>
    /// Stop after this many epochs, even if the schedule is longer; null: do not. Exactly this many (the reference
    /// trains one more).
    /// </summary>
    public int? StopEpoch { get; init; }

    /// <summary>
    /// Stop after this many epochs without a better validation score (the measure of best.safetensors); null: do not.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Patience { get; init; }

    /// <summary>
    /// The validation metric by which best.safetensors is chosen; where it cannot be computed mAP decides, then
    /// validation loss.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SelectionMetric BestBy { get; init; }

    /// <summary>Of everything but biases and 1-D parameters, as <see cref="Optimizer"/> has it.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>Decay of the weight average.</summary>
    public double AverageDecay { get; init; } = 0.9997;

    /// <summary>
    /// The average forgets its beginning faster at first, so that it is of use in short trainings too:
    /// <see cref="AverageSchedule"/>.
    /// </summary>
    public bool AverageWarmup { get; init; } = true;

    /// <summary>The loss.</summary>
    public SelectiveLossOptions Loss { get; init; } = SelectiveLossOptions.Default;

    /// <summary>
    /// Mode selective: the number of likely labels to leave out is the number of hidden positives that the prior
    /// expects in a picture, instead of <see cref="SelectiveLossOptions.LikelihoodTopK"/>. It needs a prior.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool TopKFromPrior { get; init; }

    /// <summary>Any other loss, instead of <see cref="Loss"/> and the loss of <see cref="Head"/>; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ILossDescription? CustomLoss { get; init; }

    /// <summary>The loss that is trained with.</summary>
    [JsonIgnore]
    public ILossDescription Objective => CustomLoss
        ?? (Head == HeadKind.Grouped
            ? new GroupedSoftmaxLoss.Description(LabelSmoothing)
            : new SelectiveLoss.Description(Loss));

    /// <summary>
    /// Name of the preset that the loss was taken from, for the record; null: none. <see cref="Loss"/> alone decides.
    /// </summary>
    public string? LossPreset { get; init; }

    /// <summary>
    /// How scores become probabilities; grouped: softmax cross entropy instead of <see cref="Loss"/>.
    /// </summary>
    public HeadKind Head { get; init; }

    /// <summary>
    /// Share of the target that is spread over all classes of an attribute whose class is known, from 0 (none) to below
    /// 1; for <see cref="HeadKind.Grouped"/>.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double LabelSmoothing { get; init; }

    /// <summary>How often each picture occurs in an epoch.</summary>
    public SampleBalance Balance { get; init; }

    /// <summary>
    /// Share of the pictures below which <see cref="SampleBalance.Sampler"/> counts a class as rare; null: that of the
    /// commonest class.
    /// </summary>
    public double? BalanceThreshold { get; init; }

    /// <summary>Random changes that are made each time a picture is loaded.</summary>
    public AugmentationKind Augmentation { get; init; }

    /// <summary>
    /// Mixed pictures that each step gets in addition, for each picture of its batch: some of the batch in a grid, with
    /// the union of their labels. From 0, none, to 1; published: 0.25.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double SpliceMix { get; init; }

    /// <summary>File of the classes' prior for the selective loss; null: none.</summary>
    public string? PriorPath { get; init; }

    /// <summary>
    /// True: the prior's and the initial weights' classes are taken in their order; false: by their names.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ClassesByPosition { get; init; }

    /// <summary>
    /// Soft targets for labels that are unknown, from a file; the loss then has to read soft targets, as
    /// <see cref="SoftTargetLoss"/> does. Null: none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PseudoLabelFile? PseudoLabels { get; init; }

    /// <summary>Weights of the same model to start from, of any task; null: random weights.</summary>
    public string? InitialWeights { get; init; }

    /// <summary>Simulated hiding of training labels; null: train with all labels.</summary>
    public PartialSimulation? Simulation { get; init; }

    /// <summary>
    /// With <see cref="Simulation"/>: count how many of the un-annotated labels that the selective loss leaves out are
    /// truly positive. It costs a copy of the
    /// loss's weights every step.
    /// </summary>
    public bool CountIgnored { get; init; }

    /// <summary>Turn pictures as their EXIF orientation says.</summary>
    public bool ExifRotate { get; init; }

    /// <summary>Decides initial weights and the order of the pictures.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads that decode pictures; results do not depend on it.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>
    /// The state to resume from is also saved within an epoch when so much time has passed since the last time.
    /// </summary>
    public TimeSpan SaveInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// The state is also saved within an epoch every this many steps; null: by <see cref="SaveInterval"/> alone.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SaveSteps { get; init; }

    /// <summary>
    /// False: no state to resume from is written (four times the model's size, every epoch), and the run cannot be
    /// resumed.
    /// </summary>
    public bool KeepResumeState { get; init; } = true;

    /// <summary>
    /// How many states are kept: 1, the newest; 2, also the one before, for when the newest is damaged or the loss was
    /// no longer finite.
    /// </summary>
    public int KeepStates { get; init; } = 2;

    /// <summary>What happens when a loss is not finite.</summary>
    public NonFiniteAction OnNonFinite { get; init; }

    /// <summary>
    /// The event file also has a histogram of every tensor of the weights: of every epoch, of more than 100 of every
    /// n-th.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LogHistograms { get; init; }

    /// <summary>
    /// The event file also has 8 validation pictures with the network's answers: of every epoch, of more than 20 of
    /// every n-th.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool LogPictures { get; init; }

    /// <summary>
    /// On resuming, <see cref="LearningRate"/> may be another one than the run was begun with: the schedule of the new
    /// one is entered at the step that the run has reached.
    /// </summary>
    [JsonIgnore]
    public bool NewLearningRate { get; init; }

    /// <summary>Epochs that are really trained.</summary>
    [JsonIgnore]
    public int EpochsToTrain => Math.Min(Epochs, StopEpoch ?? Epochs);

    /// <summary>The network that these options describe.</summary>
    /// <exception cref="InputException">There is no such network.</exception>
    public INetworkDescription Model(int classes) =>
        Network?.WithClasses(classes)
        ?? NetworkCatalog.Describe(
            ModelName, classes, new NetworkSettings(Layers, Width, BottleneckHead, Decoder, Boost));

    /// <summary>Checks the numbers.</summary>
    /// <exception cref="InputException">Names the first option that cannot be.</exception>
    public void Validate()
    {
        Require(BatchSize is >= 1 and <= 65536, BatchSize, "give a number from 1 to 65536");
        Require(Epochs >= 1, Epochs, "give at least 1");
        Require(StopEpoch is null or >= 1, StopEpoch, "give at least 1, or leave it out");
        Require(Patience is null or >= 1, Patience, "give at least 1, or leave it out");
        Require(SaveSteps is null or >= 1, SaveSteps, "give at least 1 step");
        Require(SaveInterval > TimeSpan.Zero, SaveInterval, "give a time above 0");
        Require(KeepStates is 1 or 2, KeepStates, "give 1 or 2, or 0 for none");
        Require(Workers is >= 0 and <= 256, Workers, "give a number from 0 to 256");
        Require(double.IsFinite(LearningRate) && LearningRate > 0, LearningRate, "give a number above 0");
        Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, WeightDecay, "give 0 or more");
        Require(AverageDecay is > 0 and < 1, AverageDecay, "give a number above 0 and below 1");
        ValidateOptimizer();
        RequireNotNegative(Loss.GammaPositive);
        RequireNotNegative(Loss.GammaNegative);
        RequireNotNegative(Loss.GammaUnannotated);
        RequireNotNegative(Loss.AlphaPositive);
        RequireNotNegative(Loss.AlphaNegative);
        RequireNotNegative(Loss.AlphaUnannotated);
        Require(Loss.Clip is >= 0 and < 1, Loss.Clip, "give a number from 0 to below 1");
        Require(Loss.LikelihoodTopK >= 0, Loss.LikelihoodTopK, "give 0 or more");
        Require(Loss.PriorThreshold is >= 0 and <= 1, Loss.PriorThreshold, "give a number from 0 to 1");
        Require(BalanceThreshold is null or (> 0 and <= 1), BalanceThreshold, "give a number above 0, at most 1");
        Require(
            BalanceThreshold is null || Balance == SampleBalance.Sampler, BalanceThreshold,
            $"it needs {Term.Balance} sampler");
        var sigmoid = Head == HeadKind.Sigmoid;
        Require(sigmoid || PriorPath is null, PriorPath, $"{Term.Head} grouped has no prior: leave one of the two out");
        Require(
            sigmoid || LossPreset is null, LossPreset,
            $"{Term.Head} grouped has its own loss: leave one of the two out");
        Require(sigmoid || !CountIgnored, "", $"{Term.Head} grouped leaves no labels out: leave one of the two out",
            nameof(CountIgnored));
        Require(LabelSmoothing is >= 0 and < 1, LabelSmoothing, "give a number from 0 to below 1");
        Require(
            LabelSmoothing == 0 || !sigmoid, LabelSmoothing,
            $"{Term.Head} sigmoid weighs uncertain labels itself; give {Term.Head} grouped, or leave it out");
        Require(
            LabelSmoothing == 0 || CustomLoss is null, LabelSmoothing,
            $"the loss '{CustomLoss?.Name}' does not take it: leave one of the two out");
        CustomLoss?.Validate();
        if (CustomLoss is { } custom)
        {
            Require(
                Head == custom.Head, Head.ToString().ToLowerInvariant(),
                $"the loss '{custom.Name}' belongs to the head {custom.Head.ToString().ToLowerInvariant()}; leave one "
                    + $"of the two out", nameof(Head));
            Require(
                PriorPath is null || custom.TakesPrior || Cap is not null, PriorPath,
                $"the loss '{custom.Name}' has no prior: leave one of the two out");
            Require(
                !CountIgnored, "", "only the selective loss leaves labels out: leave one of the two out",
                nameof(CountIgnored));
        }

        ValidateSelfLabels();
        Require(SpliceMix is >= 0 and <= 1, SpliceMix, "give a number from 0 to 1; published: 0.25");
        Require(
            SpliceMix == 0 || Objective.Head == HeadKind.Sigmoid, SpliceMix,
            $"{Term.Head} grouped has one class of each attribute, and a mixed picture has several: leave one of the "
                + $"two out");
        Require(
            SpliceMix == 0 || AccumulationSteps is null, SpliceMix,
            $"{new Term(nameof(AccumulationSteps))} divides a batch, whose pictures are mixed: leave one of the two "
                + $"out");
        Require(
            SpliceMix == 0 || (Cap is null && !ChangesLabels), SpliceMix,
            "a training that gives labels itself has none for mixed pictures: leave one of the two out");
        Simulation?.Validate();
        if (CountIgnored && Simulation is null)
        {
            throw new InputException($"{new Term(nameof(CountIgnored))}: the truth about un-annotated labels is known "
                + $"only where they were hidden; give {Term.Simulation} too");
        }

        Model(classes: 1).ImageSizes.Require(ImageSize, ImageSize);
    }

    /// <summary>The order of the pictures of every epoch.</summary>
    /// <param name="training">The pictures.</param>
    public IEpochOrder Order(ImageDataset training) => Balance == SampleBalance.Sampler
        ? new BalancedOrder(training.Samples, training.Attributes.ClassCount, Seed, BalanceThreshold)
        : training.Order?.Invoke(Seed) ?? new ShuffledOrder(Seed);

    /// <summary>How pictures are prepared.</summary>
    internal PicturePreparation Preparation => new(ImageSize, ExifRotate: ExifRotate);

    /// <summary>Pictures of a full update, mixed ones included.</summary>
    /// <param name="pictures">Pictures of an epoch: no update has more.</param>
    internal int PicturesPerUpdate(int pictures)
    {
        var batch = Math.Min(UpdateSize, pictures);
        return batch + PictureSplicing.Extra(batch, SpliceMix);
    }

    /// <summary>The part of these options that steps need.</summary>
    /// <param name="schedule">Schedule of learning rates.</param>
    /// <param name="pictures">Pictures of an epoch.</param>
    internal TrainingStepOptions Steps(ILearningRateSchedule schedule, int pictures) => new(
        BatchSize, ImageSize, pictures, schedule)
    {
        Adam = OptimizerSettings,
        Parts = AccumulationSteps ?? 1,
        KeepsWeights = CountIgnored,
        KeepsScores = CustomLoss is PartialLossDescription { Options.Kind: PartialLossKind.LargeLossCp },
        SpliceMix = SpliceMix,
        SkipsNonFinite = OnNonFinite == NonFiniteAction.Skip,
    };

    private static void RequireNotNegative(float value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        Require(float.IsFinite(value) && value >= 0, value, "give 0 or more", name);

    private static void Require<T>(
        bool condition, T value, Wording advice, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (!condition)
            throw new InputException($"{new Term(name)} {value}: {advice}");
    }
}
