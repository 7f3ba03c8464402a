namespace Flixstock.Engine;

/// <summary>
/// The group fully connected layer of ML-Decoder (Ridnik et al. 2021): each of G vectors of a picture decides about
/// ceil(classes / G) classes, class j about the vector j / ceil(classes / G). [N, G, D] to [N, classes]. Keeps a
/// reference to its input for the weight's gradient.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class GroupedLinear : Layer
{
    private readonly Parameter[] _parameters;
    private Tensor _input;

    /// <summary>A layer with bias.</summary>
    /// <param name="name">Prefix of <c>.duplicate_pooling</c> and <c>.duplicate_pooling_bias</c>.</param>
    /// <param name="groups">G, number of vectors of a picture.</param>
    /// <param name="width">D, length of a vector.</param>
    /// <param name="classes">Outputs of all groups; what G * ceil(classes / G) has more is cut off.</param>
    public GroupedLinear(string name, int groups, int width, int classes)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        var perGroup = (classes + groups - 1) / groups;
        Weight = new Parameter(
            name + ".duplicate_pooling", new Shape(groups, width, perGroup), ParameterKind.Weight)
        {
            InitialDeviation = Math.Sqrt(2.0 / ((double)(groups + width) * perGroup)), // Glorot's
        };
        Bias = new Parameter(name + ".duplicate_pooling_bias", new Shape(classes), ParameterKind.Vector);
        _parameters = [Weight, Bias];
    }

    /// <summary>[G, D, ceil(classes / G)]</summary>
    public Parameter Weight { get; }

    /// <summary>[classes]</summary>
    public Parameter Bias { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) =>
        input.Rank == 3 && input[1] == Weight.Shape[0] && input[2] == Weight.Shape[1]
            ? new Shape(input.Batch, Bias.Shape[0])
            : throw new ShapeException(Name, "input", input, $"[N, {Weight.Shape[0]}, {Weight.Shape[1]}]");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.Take(OutputShape(input.Shape)); // [N, classes]
        _input = input;
        pass.Kernels.GroupedLinearForward(input, Weight.Value, Bias.Value, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        pass.Kernels.GroupedLinearBackwardWeight(_input, outputGradient, Weight.Gradient, Bias.Gradient);
        if (inputGradient.Exists)
            pass.Kernels.GroupedLinearBackwardData(outputGradient, Weight.Value, accumulate, inputGradient);
    }
}
