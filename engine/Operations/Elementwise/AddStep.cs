namespace Flixstock.Engine;

/// <summary>The sum of two values of one shape: <see cref="IKernels.Add"/>.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="name">Published name of the layer it comes from.</param>
/// <param name="first">Number of a value, of any shape.</param>
/// <param name="second">Number of the other one.</param>
public sealed class AddStep(string name, int first, int second) : FoldedStep(name, first, second)
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0] == inputs[1]
        ? inputs[0]
        : throw new ShapeException(Name, "second value", inputs[1], $"{inputs[0]}");

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output)
    {
        kernels.Copy(inputs[0], output);
        kernels.Add(inputs[1], output);
    }

    /// <inheritdoc />
    public override bool HasBackward => true;

    // The same for both values.
    /// <inheritdoc />
    public override void Backward(
        IKernels kernels, ReadOnlyTensor input, ReadOnlyTensor output, Tensor outputGradient, bool accumulate,
        Tensor inputGradient)
    {
        if (accumulate)
            kernels.Add(outputGradient, inputGradient);
        else
            kernels.Copy(outputGradient, inputGradient);
    }
}
