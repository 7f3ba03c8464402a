namespace Flixstock.Engine;

/// <summary>The same vectors for every picture, [N, Q, D]: <see cref="IKernels.Repeat"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of a value with as many pictures, of which nothing else is read.</param>
internal sealed class DecoderQueriesStep(string name, int input) : FoldedStep(name, input)
{
    /// <summary>[Q, D]</summary>
    public required Tensor Vectors { get; init; }

    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, Vectors.Shape[0], Vectors.Shape[1]);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.Repeat(Vectors, output);
}
