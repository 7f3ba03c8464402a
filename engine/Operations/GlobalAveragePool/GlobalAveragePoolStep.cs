namespace Flixstock.Engine;

/// <summary>The mean over all pixels of a picture, [N, C]: <see cref="IKernels.GlobalAveragePoolForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, H, W, C].</param>
public sealed class GlobalAveragePoolStep(string name, int input) : FoldedStep(name, input)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, inputs[0].Channels);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.GlobalAveragePoolForward(inputs[0], output);

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient) =>
        kernels.GlobalAveragePoolBackward(outputGradient, accumulate, inputGradient);
}
