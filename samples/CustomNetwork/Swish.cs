using Flixstock.Engine;

namespace Flixstock.Samples.CustomNetwork;

/// <summary>
/// y = x * sigmoid(x) (Ramachandran et al., "Searching for Activation Functions", 2017), as a layer with its own
/// kernels.
/// </summary>
public sealed class Swish(string name) : Layer(name)
{
    internal static readonly SwishForward ForwardKernel = new();
    private static readonly SwishBackward BackwardKernel = new();
    private Tensor _input;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        _input = input;
        var output = pass.Take(input.Shape, input.Type);
        pass.Kernels.Custom(ForwardKernel, input, ReadOnlyTensor.None, output, Tensor.None);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        // In place: the caller lets a layer destroy the output's gradient.
        pass.Kernels.Custom(BackwardKernel, _input, ReadOnlyTensor.None, outputGradient, Tensor.None);
        pass.Move(outputGradient, inputGradient, accumulate);
    }
}

/// <summary>The layer in a folded network, and in ONNX as x * Sigmoid(x).</summary>
public sealed class SwishStep(string name, int input) : FoldedStep(name, input), IOnnxStep
{
    /// <inheritdoc />
    public override Shape OutputShape(params ReadOnlySpan<Shape> inputs) => inputs[0];

    /// <inheritdoc />
    public override void Execute(IKernels kernels, ReadOnlySpan<ReadOnlyTensor> inputs, Tensor output) =>
        kernels.Custom(Swish.ForwardKernel, inputs[0], ReadOnlyTensor.None, output, Tensor.None);

    /// <inheritdoc />
    public string ToOnnx(OnnxNodes nodes, IReadOnlyList<string> inputs) =>
        nodes.Add("Mul", inputs[0], nodes.Add("Sigmoid", inputs[0]));
}
