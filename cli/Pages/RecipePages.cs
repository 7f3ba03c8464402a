using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The notes about a training's recipe before it begins.</summary>
internal static class RecipePages
{
    public static void Print(Terminal terminal, TrainerOptions options, ImageDataset training)
    {
        if (options.Head == HeadKind.Grouped)
        {
            terminal.Remark("loss: softmax cross entropy of every known attribute, summed; un-annotated attributes "
                + $"contribute nothing{Smoothing(options.LabelSmoothing)}");
        }
        else if (options.LossPreset is { } preset)
        {
            terminal.Remark($"loss: preset {preset}: {LossPresets.Describe(options.Objective)} (source: "
                + $"{LossPresets.Find(preset).Source})");
        }
        else if (options.CustomLoss is PartialLossDescription loss)
        {
            terminal.Remark($"loss: {LossPresets.Describe(loss)} (source: {loss.Source})");
        }
        else if (options.CustomLoss is SoftTargetLoss.Description)
        {
            terminal.Remark("loss: binary cross-entropy with soft targets; labels that are unknown contribute nothing");
        }
        if (options.Cap is { } cap)
        {
            terminal.Remark($"pseudo-labels: after {cap.Warmup} epochs, by each class' share of positives in "
                + $"{(options.PriorPath is null ? "the annotations" : "the prior")}, {cap.Positives} of the positives "
                + $"and {cap.Negatives} of the negatives");
        }
        if (options.Augmentation != AugmentationKind.None)
            terminal.Remark($"augmentation: {PictureAugmentation.Describe(options.Augmentation)}");
        if (options.SpliceMix > 0)
        {
            var pictures = training.Samples.Count;
            var (batch, step) = (Math.Min(options.BatchSize, pictures), options.PicturesPerUpdate(pictures));
            terminal.Remark($"splice mix: a batch of {batch} pictures gets {step - batch} mixed ones; their labels are "
                + $"the union of their tiles' labels, and unknown where that is not known");
        }
        if (options.Order(training) is BalancedOrder order)
        {
            terminal.RemarkTable(new TablePage(
                "Sampler: pictures of an epoch where a class is known to be positive",
                [TableColumn.Name("class"), TableColumn.Number("before"), TableColumn.Number("after, on average")],
                [.. order.Describe(training.Attributes.ClassNames)
                    .Select((c, k) => TableRow.OfClass(training.Attributes, k, $"{c.Before}", $"{c.After:0.0}"))]));
        }
    }

    private static string Smoothing(double share) =>
        share == 0 ? "" : $"; label smoothing {share} in training, not in validation";
}
