namespace Flixstock.Engine;

/// <summary>Where a training is: the step that comes next.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Batch">From 0; as many as an epoch has: its validation comes next.</param>
internal readonly record struct RunPosition(int Epoch, int Batch)
{
    /// <summary>Before a step.</summary>
    /// <param name="step">Its number, from 1.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch.</param>
    public static RunPosition Before(int step, int stepsPerEpoch) => new(((step - 1) / stepsPerEpoch) + 1, (step - 1) % stepsPerEpoch);

    /// <summary>Steps until here.</summary>
    public int Steps(int stepsPerEpoch) => ((Epoch - 1) * stepsPerEpoch) + Batch;

    /// <summary>The same place after one more step.</summary>
    public RunPosition Next => this with { Batch = Batch + 1 };
}
