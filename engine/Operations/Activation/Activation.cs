namespace Flixstock.Engine;

/// <summary>
/// An element-wise function as a layer, of pictures or of vectors. No parameters; its output is kept until the backward
/// pass.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="name">The name in messages.</param>
/// <param name="kind">The function.</param>
public sealed class Activation(string name, ActivationKind kind) : Layer(name)
{
    private Tensor _output;

    /// <summary>The function.</summary>
    public ActivationKind Kind { get; } = kind;

    /// <inheritdoc />
    public override bool HasKinkAtZero => Kind == ActivationKind.Relu;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        _output = pass.Take(input.Shape, input.Type);
        pass.Kernels.ActivationForward(input, Kind, _output);
        return pass.Done(this, _output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (!inputGradient.Exists)
            return;
        pass.Kernels.ActivationBackward(_output, Kind, outputGradient);
        pass.Move(outputGradient, inputGradient, accumulate);
    }
}
