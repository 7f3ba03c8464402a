namespace Flixstock.Engine;

/// <summary>
/// What each query of attention takes from the pixels that it looks at: <see cref="IKernels.AttentionValuesForward"/>;
/// its gradients are <see cref="IKernels.AttentionValuesBackward"/>.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="weights">
/// Number of the value of an <see cref="AttentionWeightsStep"/>, [N, heads * L, S].
/// </param>
/// <param name="value">Number of the value that the pixels give, [N, S, D].</param>
/// <param name="heads">A divisor of D.</param>
public sealed class AttentionValuesStep(string name, int weights, int value, int heads)
    : FoldedStep(name, weights, value)
{
    /// <summary>Number of heads.</summary>
    public int Heads { get; } = heads;

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, inputs[0][1] / Heads, inputs[1].Channels);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.AttentionValuesForward(
            inputs[0].Reshape(new Shape(output.Shape[0], Heads, output.Shape[1], inputs[0].Shape[2])), inputs[1],
            Heads, output);
}
