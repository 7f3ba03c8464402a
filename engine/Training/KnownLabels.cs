namespace Flixstock.Engine;

/// <summary>What is known of a part's labels, and so what can be learnt from it and measured on it.</summary>
/// <param name="Pictures">Number of pictures.</param>
/// <param name="Positives">Labels known to be positive.</param>
/// <param name="Negatives">Labels known to be negative.</param>
/// <param name="RankedClasses">Classes with at least one of each: those that have an average precision.</param>
/// <param name="Unknown">Labels that are not known.</param>
internal sealed record KnownLabels(int Pictures, long Positives, long Negatives, int RankedClasses, long Unknown = 0)
{
    /// <summary>Counts.</summary>
    public static KnownLabels Of(ImageDataset dataset)
    {
        var classes = PartSummary.Of("", dataset).Classes;
        return new KnownLabels(
            dataset.Samples.Count, classes.Sum(c => (long)c.Positive), classes.Sum(c => (long)c.Negative),
            classes.Count(c => c is { Positive: > 0, Negative: > 0 }),
            ((long)dataset.Samples.Count * classes.Count) - classes.Sum(c => (long)c.Positive + c.Negative));
    }

    /// <summary>True if no label is known.</summary>
    public bool Nothing => Positives + Negatives == 0;

    /// <summary>Share of the labels that are known, 0 to 1; 1 where there is no label.</summary>
    public double Share =>
        Positives + Negatives + Unknown is var all and > 0 ? (double)(Positives + Negatives) / all : 1;

    /// <summary>Why these pictures give no mAP; null if they do.</summary>
    public string? WhyNoMeanAp => this switch
    {
        { RankedClasses: > 0 } => null,
        { Nothing: true } => $"no label of the {Pictures} pictures is known",
        { Negatives: 0 } => $"all {Positives} known labels are positive and none is negative",
        { Positives: 0 } => $"all {Negatives} known labels are negative and none is positive",
        _ => $"no class has both: there are {Positives} positive and {Negatives} negative labels, of different classes",
    };

    /// <summary>One line for a training that validates on these pictures; null if mAP can be computed.</summary>
    public string? SelectionNote => WhyNoMeanAp is not { } why
        ? null
        : Nothing
            ? $"mAP and validation loss cannot be computed on the validation pictures: {why}. best.safetensors is "
                + $"the last epoch"
            : $"mAP cannot be computed on the validation pictures: {why}. Validation loss decides which "
                + $"weights are best";

    /// <summary>
    /// One line about labels from which only one answer can be learnt; null if there is nothing to say.
    /// </summary>
    /// <param name="options">Options of the training.</param>
    public Wording? TrainingNote(TrainerOptions options)
    {
        if (Positives == 0)
            return "no training label is positive: all that can be learnt is that no class is there";
        if (Unknown == 0 && options.CustomLoss is PartialLossDescription { Name: var name })
        {
            return $"every training label is known, and the loss {name} is about un-annotated ones: where 0 stands for "
                + $"what nobody looked at, the labels should say unknown instead";
        }

        var leavesOut = options.Loss.Mode is PartialLossMode.Ignore or PartialLossMode.IgnoreNormalizeClasses;
        if (Negatives > 0 || !leavesOut || options.Objective is not SelectiveLoss.Description)
            return null;
        return $"every known training label is positive and this partial loss mode leaves the others out: all that can "
            + $"be learnt is that every class is there; {Term.LossMode} selective or negative counts un-annotated "
            + $"labels as absent";
    }

    /// <summary>Refuses a training part from which nothing can be learnt.</summary>
    /// <param name="training">The training part.</param>
    /// <param name="where">The part's place in the file system, for the message.</param>
    /// <exception cref="InputException">No label is known; names the likely cause.</exception>
    public static void RequireSome(ImageDataset training, string where)
    {
        if (training.Samples.Any(sample => sample.Labels.Known().Any()))
            return;
        var names = training.Attributes.ClassNames;
        throw new InputException(
            $"{where}: no label of the {training.Samples.Count} training pictures is known ({names.Count} classes: "
                + $"{string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", ..." : "")}), so there is nothing to "
                + $"learn: {Cause(training.Type)}. {Term.DatasetSummary} counts the labels of every part");
    }

    private static string Cause(DatasetType type) => type switch
    {
        DatasetType.Csv or DatasetType.Garments => "every label cell of the CSV is empty or stands for unknown, as "
            + "where an export has put the labels into other columns",
        DatasetType.OpenImages => "the file of labels names none of these pictures, as where it is another part's",
        DatasetType.Coco or DatasetType.Lvis =>
            "the annotations name none of these pictures, as where they are another part's",
        DatasetType.Shards => "the pictures' .cls and .json entries hold no label",
        _ => "every label is unknown",
    };
}
