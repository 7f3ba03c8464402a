namespace Flixstock.Engine;

/// <summary>Positive values times a factor: <see cref="IKernels.BoostForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, of any shape.</param>
/// <param name="factor">At least 1.</param>
public sealed class BoostStep(string name, int input, float factor) : FoldedStep(name, input)
{
    /// <summary>At least 1.</summary>
    public float Factor { get; } = factor;

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.BoostForward(inputs[0], Factor, output);

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient)
    {
        kernels.BoostBackward(output, Factor, outputGradient);
        if (accumulate)
            kernels.Add(outputGradient, inputGradient);
        else
            kernels.Copy(outputGradient, inputGradient);
    }
}
