namespace Flixstock.Engine;

/// <summary>The mean over all pixels: [N, S, C] becomes [N, C].</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, S, C].</param>
internal sealed class PixelMeanStep(string name, int input) : FoldedStep(name, input)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => new(inputs[0].Batch, inputs[0].Channels);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.GlobalAveragePoolForward(inputs[0].Reshape(OfPictures(inputs[0].Shape)), output);

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient) =>
        kernels.GlobalAveragePoolBackward(
            outputGradient, accumulate, inputGradient.Reshape(OfPictures(inputGradient.Shape)));

    private static Shape OfPictures(Shape vectors) => new(vectors[0], vectors[1], 1, vectors[2]);
}
