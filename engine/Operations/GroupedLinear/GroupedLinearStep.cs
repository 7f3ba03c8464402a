namespace Flixstock.Engine;

/// <summary>A linear layer of groups of outputs: <see cref="IKernels.GroupedLinearForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, G, D].</param>
public sealed class GroupedLinearStep(string name, int input) : FoldedStep(name, input)
{
    /// <summary>[G, D, F]</summary>
    public required Tensor Weight { get; init; }

    /// <summary>[classes]</summary>
    public required Tensor Bias { get; init; }

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => new(inputs[0].Batch, Bias.Shape[0]);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.GroupedLinearForward(inputs[0], Weight, Bias, output);

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient) =>
        kernels.GroupedLinearBackwardData(outputGradient, Weight, accumulate, inputGradient);
}
