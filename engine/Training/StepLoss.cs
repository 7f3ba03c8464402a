namespace Flixstock.Engine;

/// <summary>The means of some steps that follow each other.</summary>
/// <param name="Step">Number of the last of them, from 1.</param>
/// <param name="Epoch">The epoch that the last of them belongs to, from 1.</param>
/// <param name="Loss">Mean loss of a step.</param>
/// <param name="LearningRate">Learning rate of the last of them.</param>
internal readonly record struct StepLoss(int Step, int Epoch, double Loss, double LearningRate)
{
    /// <summary>Mean loss of a label: an epoch's last batch may be smaller. NaN: unknown.</summary>
    public double PerLabel { get; init; } = double.NaN;
}
