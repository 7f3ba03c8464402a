namespace Flixstock.Engine;

/// <summary>An element-wise function: <see cref="IKernels.ActivationForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, of any shape.</param>
/// <param name="kind">The function.</param>
public sealed class ActivationStep(string name, int input, ActivationKind kind) : FoldedStep(name, input)
{
    /// <summary>The function.</summary>
    public ActivationKind Kind { get; } = kind;

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.ActivationForward(inputs[0], Kind, output);

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient)
    {
        kernels.ActivationBackward(output, Kind, outputGradient);
        if (accumulate)
            kernels.Add(outputGradient, inputGradient);
        else
            kernels.Copy(outputGradient, inputGradient);
    }
}
