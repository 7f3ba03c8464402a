namespace Flixstock.Engine;

/// <summary>
/// The end of a block with squeeze-excite, once its ABN is folded: <see cref="IKernels.ExciteResidualRelu"/>.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the block.</param>
/// <param name="input">Number of the value that is scaled, [N, H, W, C].</param>
/// <param name="excitation">Number of the value that holds the scale, [N, C].</param>
/// <param name="residual">Number of the value that is added before the ReLU, [N, H, W, C].</param>
public sealed class ExciteResidualReluStep(string name, int input, int excitation, int residual)
    : FoldedStep(name, input, excitation, residual)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.ExciteResidualRelu(inputs[0], inputs[1], inputs[2], output);
}
