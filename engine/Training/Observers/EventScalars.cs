namespace Flixstock.Engine;

/// <summary>The figures of a step and of an epoch with their names in event files and on tracking servers.</summary>
internal static class EventScalars
{
    /// <summary>What names of steps' figures begin with.</summary>
    public const string OfSteps = "step/";

    /// <summary>A step's figures.</summary>
    public static (string Tag, double Value)[] Of(in StepReport step) =>
    [
        ("step/loss", step.Loss), ("step/loss_per_label", step.LossPerLabel), ("step/learning_rate", step.LearningRate),
    ];

    /// <summary>An epoch's figures; what could not be measured is not finite.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="labelsPerBatch">See <see cref="TrainingStart.LabelsPerBatch"/>.</param>
    public static (string Tag, double Value)[] Of(EpochSummary epoch, int labelsPerBatch) =>
    [
        ("epoch/loss", epoch.Loss), ("epoch/loss_per_label", epoch.Loss / labelsPerBatch),
        ("epoch/validation_loss", epoch.ValidationLoss),
        ("epoch/validation_loss_average", epoch.AverageValidationLoss),
        ("epoch/validation_loss_per_label", epoch.ValidationLoss / labelsPerBatch),
        ("epoch/validation_map", epoch.MeanAp), ("epoch/validation_map_average", epoch.AverageMeanAp),
        ("epoch/best_by", epoch.Named), ("epoch/best_by_average", epoch.AverageNamed),
        ("epoch/images_per_second", epoch.ImagesPerSecond), ("epoch/data_wait", epoch.DataWait),
        ("epoch/seconds", epoch.Seconds),
    ];
}
