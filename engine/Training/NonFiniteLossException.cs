namespace Flixstock.Engine;

/// <summary>
/// A step whose loss, or one of whose gradients, is not finite. It has left no trace: weights and statistics are as
/// before it.
/// </summary>
/// <param name="wording">What happened and what can be done.</param>
/// <param name="step">Number of the step, from 1.</param>
/// <param name="pictures">Names of the pictures of its batch, as the labels have them.</param>
public sealed class NonFiniteLossException(Wording wording, int step, IReadOnlyList<string> pictures)
    : EngineException(wording)
{
    /// <summary>Number of the step, from 1.</summary>
    public int Step { get; } = step;

    /// <summary>Names of the pictures of its batch, as the labels have them.</summary>
    public IReadOnlyList<string> Pictures { get; } = pictures;
}

/// <summary>The same failure as the step itself describes it.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Samples">The batch, as indices of the training's samples.</param>
/// <param name="Layer">The first layer whose output is not finite; null if it is the loss or a gradient.</param>
internal sealed record NonFiniteStep(int Step, int[] Samples, string? Layer)
{
    /// <summary>Describes the failure in words.</summary>
    public string Describe() => $"step {Step}: the loss is not finite (" + (Layer is null
        ? "every layer's output is finite, the loss or a gradient is not"
        : $"the first layer whose output is not finite is '{Layer}'") + ")";
}
