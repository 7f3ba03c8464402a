namespace Flixstock.Engine;

/// <summary>y = x * transpose(w) + b over vectors. Keeps a reference to its input for the weight's gradient.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class Linear : Layer
{
    private readonly Parameter[] _parameters;
    private Tensor _input;

    /// <summary>A linear layer with bias.</summary>
    /// <param name="name">Prefix of <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="inputs">I, length of the input vectors.</param>
    /// <param name="outputs">O, length of the output vectors.</param>
    /// <param name="inputMultiple">I is padded to a multiple of it.</param>
    /// <param name="initialDeviation">See <see cref="Parameter.InitialDeviation"/>, of the weight.</param>
    public Linear(string name, int inputs, int outputs, int inputMultiple = 1, double? initialDeviation = null)
        : base(name)
    {
        Weight = new Parameter(
            name + ".weight", new Shape(outputs, ChannelPadding.Padded(inputs, inputMultiple)), ParameterKind.Weight)
        {
            PublishedShape = new Shape(outputs, inputs),
            InitialDeviation = initialDeviation,
        };
        Bias = new Parameter(name + ".bias", new Shape(outputs), ParameterKind.Vector);
        _parameters = [Weight, Bias];
    }

    /// <summary>[O, I]</summary>
    public Parameter Weight { get; }

    /// <summary>[O]</summary>
    public Parameter Bias { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input.Rank == 2 && input.Channels == Weight.Shape[1]
        ? new Shape(input.Batch, Weight.Shape[0])
        : throw new ShapeException(Name, "input", input, $"[N, {Weight.Shape[1]}]");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.Take(OutputShape(input.Shape)); // [N, O]
        _input = input;
        pass.Kernels.LinearForward(input, Weight.Value, Bias.Value, ActivationKind.None, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        pass.Kernels.LinearBackwardWeight(_input, outputGradient, Weight.Gradient, Bias.Gradient);
        if (inputGradient.Exists)
            pass.Kernels.LinearBackwardData(outputGradient, Weight.Value, accumulate, inputGradient);
    }
}
