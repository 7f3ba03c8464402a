namespace Flixstock.Engine;

/// <summary>The scores of a step that is known to be good, on the host; no step allocates for them.</summary>
/// <param name="batch">Pictures of the largest batch.</param>
/// <param name="classes">Scores of a picture.</param>
internal sealed class StepScores(int batch, int classes)
{
    private readonly float[] _logits = new float[batch * classes];
    private readonly int[] _samples = new int[batch];
    private int _count;

    /// <summary>Number of the step in the training; 0: no step has been finished.</summary>
    public int Step { get; private set; }

    /// <summary>[pictures] as numbers of samples.</summary>
    public ReadOnlySpan<int> Samples => _samples.AsSpan(0, _count);

    /// <summary>[pictures, classes]</summary>
    public ReadOnlySpan<float> Logits => _logits.AsSpan(0, _count * classes);

    /// <summary>There is no such step now.</summary>
    public void Clear() => (Step, _count) = (0, 0);

    /// <summary>Takes over a step's scores.</summary>
    /// <param name="input">The step's input.</param>
    /// <param name="scores">[pictures, classes] on the device.</param>
    public void Read(StepInput input, Tensor scores)
    {
        (Step, _count) = (input.Step, scores.Shape.Batch);
        input.CopySamples(_samples);
        input.ReadScores(scores, _logits);
    }
}
