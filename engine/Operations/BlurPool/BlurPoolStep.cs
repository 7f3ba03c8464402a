namespace Flixstock.Engine;

/// <summary>A blur that halves the picture: <see cref="IKernels.BlurPoolForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, H, W, C].</param>
public sealed class BlurPoolStep(string name, int input) : FoldedStep(name, input)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, (inputs[0].Height + 1) / 2, (inputs[0].Width + 1) / 2, inputs[0].Channels);

    /// <inheritdoc />
    public override PixelGrid Grid(int input) => new(0, 2);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.BlurPoolForward(inputs[0], output);
}
