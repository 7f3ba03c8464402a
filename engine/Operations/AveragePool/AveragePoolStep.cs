namespace Flixstock.Engine;

/// <summary>The mean of 2x2 pixels, which halves the picture: <see cref="IKernels.AveragePoolForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, H, W, C].</param>
public sealed class AveragePoolStep(string name, int input) : FoldedStep(name, input)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, (inputs[0].Height + 1) / 2, (inputs[0].Width + 1) / 2, inputs[0].Channels);

    /// <inheritdoc />
    public override PixelGrid Grid(int input) => new(0.5, 2);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.AveragePoolForward(inputs[0], output);
}
