namespace Flixstock.Engine;

/// <summary>
/// Progress of a training, reported after every step and after every epoch. A value: reporting it costs a warm step no
/// memory.
/// </summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Epochs">Number of epochs to train.</param>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Steps">Steps of all epochs.</param>
/// <param name="Loss">Loss of the last step: the sum over its pictures and classes.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Training speed of this epoch so far; mixed pictures do not count.</param>
/// <param name="TimeLeft">Estimate, validation included once it was measured; null before there is one.</param>
/// <param name="Summary">After an epoch's validation: its results; null after a step.</param>
/// <param name="Stage">Stage of a training in two stages; <see cref="TrainingStage.Whole"/> otherwise.</param>
/// <param name="Note">A note about the step, as one line; null, as nearly always, for none.</param>
/// <param name="DataWait">
/// Share of this epoch's training time so far, 0 to 1, in which a step waited for its pictures.
/// </param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, float Loss, double LearningRate, double ImagesPerSecond,
    TimeSpan? TimeLeft, EpochSummary? Summary = null, TrainingStage Stage = TrainingStage.Whole, string? Note = null,
    double DataWait = 0)
{
    /// <summary>The metric by which the best weights are chosen.</summary>
    public SelectionMetric BestBy { get; init; }
}

/// <summary>Results of one epoch: a row of metrics.csv.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Step">Steps done so far.</param>
/// <param name="Loss">Mean of the steps' losses.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="MeanAp">
/// Validation mAP over annotated labels of the plain weights, 0 to 1; NaN if no class can be ranked.
/// </param>
/// <param name="AverageMeanAp">The same for the weight average.</param>
/// <param name="ReferenceMeanAp">The reference's mAP (unknown labels count as negative) of the plain weights.</param>
/// <param name="AverageReferenceMeanAp">The same for the weight average.</param>
/// <param name="Best">True if this epoch's better weights became best.safetensors.</param>
/// <param name="Seconds">Wall time, validation included.</param>
/// <param name="ImagesPerSecond">
/// Training speed, validation not included; mixed pictures do not count.
/// </param>
/// <param name="ValidationLoss">Loss of the plain weights on the validation pictures, for a full batch, as
/// <paramref name="Loss"/> is; NaN if none of their labels is known.</param>
/// <param name="AverageValidationLoss">The same for the weight average.</param>
/// <param name="DataWait">
/// Share of the training time, 0 to 1, in which a step waited for its pictures; NaN if it was not measured.
/// </param>
public sealed record EpochSummary(
    int Epoch, int Step, double Loss, double LearningRate, double MeanAp, double AverageMeanAp, double ReferenceMeanAp,
    double AverageReferenceMeanAp, bool Best, double Seconds, double ImagesPerSecond,
    double ValidationLoss = double.NaN, double AverageValidationLoss = double.NaN, double DataWait = double.NaN)
{
    /// <summary>Score of the plain weights.</summary>
    public ModelScore Plain => new(MeanAp, ValidationLoss) { Named = Named };

    /// <summary>Score of the weight average.</summary>
    public ModelScore Average => new(AverageMeanAp, AverageValidationLoss) { Named = AverageNamed };

    /// <summary><see cref="ModelScore.Named"/> of the plain weights.</summary>
    public double Named { get; init; } = double.NaN;

    /// <summary><see cref="ModelScore.Named"/> of the weight average.</summary>
    public double AverageNamed { get; init; } = double.NaN;

    /// <summary>The better of the two; plain if they are equally good or nothing is known.</summary>
    public WeightsKind Better => Average.Beats(Plain) ? WeightsKind.Average : WeightsKind.Plain;
}

/// <summary>Result of a training.</summary>
/// <param name="Run">The folder of the run.</param>
/// <param name="Epochs">All rows of metrics.csv.</param>
/// <param name="Best">Score of best.safetensors.</param>
/// <param name="BestEpoch">The epoch that best.safetensors is from.</param>
/// <param name="BestWeights">Plain or averaged weights, whichever best.safetensors holds.</param>
public sealed record TrainingResult(
    TrainingRun Run, IReadOnlyList<EpochSummary> Epochs, ModelScore Best, int BestEpoch, WeightsKind BestWeights)
{
    /// <summary>The metric by which the best weights were chosen.</summary>
    public SelectionMetric BestBy { get; init; }

    /// <summary>True if <see cref="TrainerOptions.Patience"/> was at its end.</summary>
    public bool StoppedEarly { get; init; }
}
