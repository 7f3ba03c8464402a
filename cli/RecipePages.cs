using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>What a training says about its recipe before it begins.</summary>
internal static class RecipePages
{
    public static void Print(Terminal terminal, TrainerOptions options, ImageDataset training)
    {
        if (options.Head == HeadKind.Grouped)
            terminal.Line("loss: softmax cross entropy of every known attribute, summed; un-annotated attributes contribute nothing");
        else if (options.LossPreset is { } preset)
            terminal.Line($"loss: preset {preset}: {LossPresets.Describe(options.Loss)} (source: {LossPresets.Find(preset).Source})");
        if (options.Augmentation != AugmentationKind.None)
            terminal.Line($"augmentation: {PictureAugmentation.Describe(options.Augmentation)}");
        if (options.Order(training) is BalancedOrder order)
        {
            terminal.Table(
                "Sampler: pictures of an epoch where a class is known to be there",
                ["class", "before", "after, on average"],
                order.Describe(training.Attributes.ClassNames).Select(c => new[] { c.Name, $"{c.Before}", $"{c.After:0.0}" }));
        }
    }
}
