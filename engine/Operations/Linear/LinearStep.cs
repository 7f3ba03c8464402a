namespace Flixstock.Engine;

/// <summary>A linear layer with its activation: <see cref="IKernels.LinearForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, I] or [N, L, I].</param>
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
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0].Rank == 3
        ? new(inputs[0][0], inputs[0][1], Weight.Shape[0])
        : new(inputs[0].Batch, Weight.Shape[0]);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.LinearForward(Rows(inputs[0]), Weight, Bias, Activation, Rows(output));

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient)
    {
        if (Activation != ActivationKind.None)
            kernels.ActivationBackward(output, Activation, outputGradient);
        kernels.LinearBackwardData(Rows(outputGradient), Weight, accumulate, Rows(inputGradient));
    }

    // [N, L, C] as [N * L, C]
    private static Tensor Rows(Tensor tensor) => tensor.Reshape(RowShape(tensor.Shape));

    private static ReadOnlyTensor Rows(ReadOnlyTensor tensor) => tensor.Reshape(RowShape(tensor.Shape));

    private static Shape RowShape(Shape shape) => new(checked((int)shape.Pixels), shape.Channels);
}
