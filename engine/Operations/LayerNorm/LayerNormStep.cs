namespace Flixstock.Engine;

/// <summary>Layer normalization: <see cref="IKernels.LayerNormForward"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, L, D] or [N, D].</param>
public sealed class LayerNormStep(string name, int input) : FoldedStep(name, input)
{
    /// <summary>[D]</summary>
    public required Tensor Weight { get; init; }

    /// <summary>[D]</summary>
    public required Tensor Bias { get; init; }

    /// <summary>Added to the variance.</summary>
    public required float Epsilon { get; init; }

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.LayerNormForward(inputs[0], Weight, Bias, Epsilon, Tensor.None, output);
}
