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
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, int Step, int Steps, float Loss, double LearningRate, double ImagesPerSecond, TimeSpan? TimeLeft, EpochSummary? Summary = null, string Stage = "");

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
public sealed record EpochSummary(
    int Epoch, int Step, double Loss, double LearningRate, double MeanAp, double AverageMeanAp, double ReferenceMeanAp, double AverageReferenceMeanAp,
    bool Best, double Seconds, double ImagesPerSecond);

/// <summary>What came out of a training.</summary>
/// <param name="Run">Its folder.</param>
/// <param name="Epochs">All rows of metrics.csv.</param>
/// <param name="BestMeanAp">Validation mAP over annotated labels of best.safetensors.</param>
/// <param name="BestEpoch">The epoch it is from.</param>
/// <param name="BestWeights">Plain or averaged weights.</param>
public sealed record TrainingResult(TrainingRun Run, IReadOnlyList<EpochSummary> Epochs, double BestMeanAp, int BestEpoch, WeightsKind BestWeights);
