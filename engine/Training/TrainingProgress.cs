namespace Flixstock.Engine;

/// <summary>Where a training stands, reported after every step and after every epoch. A value: reporting it costs a warm step no memory.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">Epochs to train.</param>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Steps">Steps of all epochs.</param>
/// <param name="Loss">Of the last step: the sum over its pictures and classes.</param>
/// <param name="LearningRate">The last step's.</param>
/// <param name="ImagesPerSecond">Training speed of this epoch so far.</param>
/// <param name="TimeLeft">Estimate, validation included once it was measured; null before there is one.</param>
/// <param name="Summary">After an epoch's validation: its results; null after a step.</param>
/// <param name="Stage">Of a training in two stages: "ignore" or "selective"; else empty.</param>
/// <param name="Note">What is worth telling of the step, as one line; null, as nearly always: nothing.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, float Loss, double LearningRate, double ImagesPerSecond, TimeSpan? TimeLeft, EpochSummary? Summary = null, string Stage = "",
    string? Note = null);

/// <summary>One epoch: a row of metrics.csv.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps done so far.</param>
/// <param name="Loss">Mean of the steps' losses.</param>
/// <param name="LearningRate">Of the last step.</param>
/// <param name="MeanAp">Validation mAP over annotated labels of the plain weights, 0 to 1; NaN if no class can be ranked.</param>
/// <param name="AverageMeanAp">The same of the weight average.</param>
/// <param name="ReferenceMeanAp">The reference's mAP (unknown counts as negative) of the plain weights.</param>
/// <param name="AverageReferenceMeanAp">The same of the weight average.</param>
/// <param name="Best">True if this epoch's better weights became best.safetensors.</param>
/// <param name="Seconds">Wall time, validation included.</param>
/// <param name="ImagesPerSecond">Training speed, validation not included.</param>
/// <param name="ValidationLoss">Loss of the plain weights on the validation pictures, of a full batch as <paramref name="Loss"/>; NaN if none of their labels is known.</param>
/// <param name="AverageValidationLoss">The same of the weight average.</param>
public sealed record EpochSummary(
    int Epoch, int Step, double Loss, double LearningRate, double MeanAp, double AverageMeanAp, double ReferenceMeanAp, double AverageReferenceMeanAp,
    bool Best, double Seconds, double ImagesPerSecond, double ValidationLoss = double.NaN, double AverageValidationLoss = double.NaN)
{
    /// <summary>How good the plain weights are.</summary>
    public ModelScore Plain => new(MeanAp, ValidationLoss);

    /// <summary>How good the weight average is.</summary>
    public ModelScore Average => new(AverageMeanAp, AverageValidationLoss);

    /// <summary>Which of the two are better; plain where they are as good or nothing is known.</summary>
    public WeightsKind Better => Average.Beats(Plain) ? WeightsKind.Average : WeightsKind.Plain;
}

/// <summary>What came out of a training.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="Epochs">All rows of metrics.csv.</param>
/// <param name="Best">How good best.safetensors is.</param>
/// <param name="BestEpoch">The epoch it is from.</param>
/// <param name="BestWeights">Plain or averaged weights.</param>
public sealed record TrainingResult(TrainingRun Run, IReadOnlyList<EpochSummary> Epochs, ModelScore Best, int BestEpoch, WeightsKind BestWeights);
