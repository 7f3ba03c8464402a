namespace Flixstock.Engine;

/// <summary>Scales the channels of each picture: <see cref="IKernels.ExciteForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value that is scaled, [N, H, W, C].</param>
/// <param name="excitation">Number of the value that holds the scale, [N, C].</param>
public sealed class ExciteStep(string name, int input, int excitation) : FoldedStep(name, input, excitation)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.ExciteForward(inputs[0], inputs[1], output);
}
