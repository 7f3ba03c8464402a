namespace Flixstock.Engine;

/// <summary>
/// A picture's pixels as rows, row by row, in single precision: [N, H, W, C] becomes [N, H * W, C].
/// <see cref="IKernels.Copy"/>.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="input">Number of the value it reads, [N, H, W, C].</param>
public sealed class PixelRowsStep(string name, int input) : FoldedStep(name, input)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) =>
        new(inputs[0].Batch, inputs[0].PixelsPerPicture, inputs[0].Channels);

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.Copy(inputs[0], output.Reshape(inputs[0].Shape));

    /// <inheritdoc />
    public override bool HasBackward => true;

    /// <inheritdoc />
    /// <exception cref="NotSupportedException">
    /// The gradient would have to be added to one in 16 bits, whose sum nothing keeps in single precision.
    /// </exception>
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient)
    {
        var gradient = outputGradient.Reshape(inputGradient.Shape);
        if (!accumulate)
            kernels.Copy(gradient, inputGradient);
        else if (gradient.Type == inputGradient.Type)
            kernels.Add(gradient, inputGradient);
        else
            throw new NotSupportedException($"step '{Name}' cannot add to a gradient in {inputGradient.Type}");
    }
}
