namespace Flixstock.Engine;

/// <summary>A linear layer with its activation: <see cref="IKernels.LinearForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, I].</param>
public sealed class LinearStep(string name, int input) : FoldedStep(name, input)
{
    /// <summary>
    /// [O, I]. In a network of <see cref="FoldedNetwork.From"/> the values stand in the kernels' own order, and only
    /// the shape is this one, unless the step belongs to the head of a network that can be explained.
    /// </summary>
    public required Tensor Weight { get; init; }

    /// <summary>[O]</summary>
    public required Tensor Bias { get; init; }

    /// <summary>Applied to the sum.</summary>
    public ActivationKind Activation { get; init; }

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => new(inputs[0].Batch, Weight.Shape[0]);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.LinearForward(inputs[0], Weight, Bias, Activation, output);

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient)
    {
        if (Activation != ActivationKind.None)
            kernels.ActivationBackward(output, Activation, outputGradient);
        kernels.LinearBackwardData(outputGradient, Weight, accumulate, inputGradient);
    }
}
