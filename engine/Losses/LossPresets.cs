namespace Flixstock.Engine;

/// <summary>Published constants of a loss.</summary>
/// <param name="Name">Name for <see cref="LossPresets.Find"/>.</param>
/// <param name="Loss">The loss with these constants.</param>
/// <param name="Source">The publication that they are from.</param>
public sealed record LossPreset(string Name, ILossDescription Loss, string Source)
{
    internal LossPreset(string name, SelectiveLossOptions options, string source)
        : this(name, new SelectiveLoss.Description(options), source)
    {
    }

    /// <summary>
    /// Constants of the selective loss; null: it is another loss, for <c>TrainerOptions.CustomLoss</c>.
    /// </summary>
    public SelectiveLossOptions? Options => (Loss as SelectiveLoss.Description)?.Options;
}

/// <summary>Published constants by name. None of them is a default: the defaults are the reference project's.</summary>
public static class LossPresets
{
    private static readonly SelectiveLossOptions Negative = new(
        PartialLossMode.Negative, 0, 0, 0, LikelihoodTopK: 0, PriorThreshold: 0);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LossPreset> All { get; } =
    [
        new(
            "csl-coco-rps",
            new SelectiveLossOptions(PartialLossMode.Selective, 0, 1, 4, LikelihoodTopK: 5, PriorThreshold: 0.5f),
            "README of Alibaba-MIIL/PartialLabelingCSL, training with RPS simulation (p = 0.5): 85.21 mAP"),
        new(
            "csl-coco-fpc",
            new SelectiveLossOptions(PartialLossMode.Selective, 0, 3, 4, LikelihoodTopK: 5, PriorThreshold: 0.5f),
            "README of Alibaba-MIIL/PartialLabelingCSL, training with FPC simulation (1000): 83.44 mAP"),
        new(
            "csl-openimages",
            new SelectiveLossOptions(PartialLossMode.Selective, 0, 1, 2, LikelihoodTopK: 5, PriorThreshold: 0.05f),
            "defaults of train.py of Alibaba-MIIL/PartialLabelingCSL (initial version); a command for OpenImages "
                + "was not published"),
        new("asl", Negative with { GammaNegative = 4, GammaUnannotated = 4, Clip = 0.05f },
            "Ridnik et al., \"Asymmetric Loss For Multi-Label Classification\", 2021: train.py of Alibaba-MIIL/ASL for "
                + "COCO (gamma- 4, gamma+ 0, clip 0.05)"),
        new("bce", Negative, "binary cross entropy: no focusing, no margin; un-annotated labels are negatives"),
        Partial("hill", "hill"),
        Partial("splc", "splc"),
        Partial("splc-75", "splc", "; README: threshold 0.65 where 75 % of the positives are left", ("tau", 0.65f)),
        Partial("em-coco", "em", "; alpha for COCO and NUS-WIDE", ("alpha", 0.1f)),
        Partial("em-voc", "em", "; alpha for VOC 2012", ("alpha", 0.2f)),
        Partial("em-cub", "em", "; alpha for CUB-200", ("alpha", 0.01f)),
        Partial("em-apl-coco", "em-apl", "; constants for COCO", ("alpha", 0.1f), ("beta", 0.9f), ("warmup", 5)),
        Partial("em-apl-voc", "em-apl", "; constants for VOC 2012", ("alpha", 0.2f), ("beta", 0.02f), ("warmup", 5)),
        Partial("em-apl-nus", "em-apl", "; constants for NUS-WIDE", ("alpha", 0.1f), ("beta", 0.2f), ("warmup", 4)),
        Partial("em-apl-cub", "em-apl", "; constants for CUB-200", ("alpha", 0.01f), ("beta", 0.4f), ("warmup", 3)),
        Partial("gr", "gr"),
        Partial("wan", "wan"),
        Partial("large-loss-r", "large-loss-r"),
        Partial("large-loss-ct", "large-loss-ct"),
        Partial("large-loss-cp", "large-loss-cp"),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(preset => preset.Name)];

    /// <summary>The preset of a name.</summary>
    /// <exception cref="InputException">No preset has this name.</exception>
    public static LossPreset Find(string name) => All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new InputException($"{Term.LossPreset} '{name}': choose one of {string.Join(", ", Names)}");

    /// <summary>A line that says what the loss is.</summary>
    public static string Describe(ILossDescription loss) => loss switch
    {
        SelectiveLoss.Description { Options: var options } => Describe(options),
        PartialLossDescription partial => partial.Describe(),
        _ => $"{loss.Name} {loss.ToJson()}",
    };

    private static LossPreset Partial(
        string name, string loss, string source = "", params IEnumerable<(string Name, float Value)> constants)
    {
        var described = constants.Aggregate(
            PartialLossDescription.Of(loss), (one, constant) => one.With(constant.Name, constant.Value));
        return new LossPreset(name, described, described.Source + source);
    }

    private static string Describe(SelectiveLossOptions loss) =>
        $"mode {loss.Mode}, gamma+ {loss.GammaPositive}, gamma- {loss.GammaNegative}, gamma of un-annotated "
        + $"{loss.GammaUnannotated}, alphas {loss.AlphaPositive}/{loss.AlphaNegative}/{loss.AlphaUnannotated}, clip "
        + $"{loss.Clip}, top-k {loss.LikelihoodTopK}, prior threshold {loss.PriorThreshold}";
}
