namespace Flixstock.Engine;

/// <summary>
/// What each query of attention looks at, a softmax over the pixels: <see cref="IKernels.AttentionWeightsForward"/>.
/// Its value is [N, heads * L, S], which is single precision on every device; its gradients are
/// <see cref="IKernels.AttentionWeightsBackward"/>.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="query">Number of the value that the queries are, [N, L, D].</param>
/// <param name="key">Number of the value that the keys are, [N, S, D].</param>
/// <param name="heads">A divisor of D.</param>
public sealed class AttentionWeightsStep(string name, int query, int key, int heads) : FoldedStep(name, query, key)
{
    /// <summary>Number of heads.</summary>
    public int Heads { get; } = heads;

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, Heads * inputs[0][1], inputs[1][1]);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.AttentionWeightsForward(
            inputs[0], inputs[1], Heads,
            output.Reshape(new Shape(output.Shape[0], Heads, inputs[0].Shape[1], output.Shape[2])));
}
