namespace Flixstock.Engine;

/// <summary>The position of a training: the step that comes next.</summary>
/// <param name="Epoch">Number of the epoch, from 1.</param>
/// <param name="Batch">Index of the batch, from 0; the number of batches of an epoch if its validation comes
/// next.</param>
internal readonly record struct RunPosition(int Epoch, int Batch)
{
    /// <summary>The position before a step.</summary>
    /// <param name="step">Number of the step, from 1.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public static RunPosition Before(int step, int stepsPerEpoch) =>
        new(((step - 1) / stepsPerEpoch) + 1, (step - 1) % stepsPerEpoch);

    /// <summary>Steps until here.</summary>
    public int Steps(int stepsPerEpoch) => ((Epoch - 1) * stepsPerEpoch) + Batch;

    /// <summary>The position after one more step.</summary>
    public RunPosition Next => this with { Batch = Batch + 1 };
}
