namespace Flixstock.Engine;

/// <summary>
/// Layer normalization over the last axis with weight and bias (Ba et al., 2016). Keeps a reference to its input, mean
/// and deviation of every row for the backward pass.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class LayerNorm : Layer
{
    private readonly Parameter[] _parameters;
    private Tensor _input, _statistics;

    /// <summary>A layer.</summary>
    /// <param name="name">Prefix of <c>.weight</c> and <c>.bias</c>.</param>
    /// <param name="width">D, length of the vectors.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public LayerNorm(string name, int width, float epsilon = 1e-5f)
        : base(name)
    {
        Weight = new Parameter(name + ".weight", new Shape(width), ParameterKind.Vector);
        Bias = new Parameter(name + ".bias", new Shape(width), ParameterKind.Vector);
        Epsilon = epsilon;
        _parameters = [Weight, Bias];
    }

    /// <summary>[D]</summary>
    public Parameter Weight { get; }

    /// <summary>[D]</summary>
    public Parameter Bias { get; }

    /// <summary>Added to the variance.</summary>
    public float Epsilon { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input.Rank is 2 or 3 && input.Channels == Weight.Shape[0]
        ? input
        : throw new ShapeException(Name, "input", input, $"[N, {Weight.Shape[0]}] or [N, L, {Weight.Shape[0]}]");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.Take(OutputShape(input.Shape));
        _input = input;
        _statistics = pass.Take(new Shape(checked((int)input.Shape.Pixels), 2));
        pass.Kernels.LayerNormForward(input, Weight.Value, Bias.Value, Epsilon, _statistics, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        pass.Kernels.LayerNormBackwardWeight(_input, _statistics, outputGradient, Weight.Gradient, Bias.Gradient);
        if (inputGradient.Exists)
        {
            pass.Kernels.LayerNormBackwardData(
                _input, Weight.Value, _statistics, outputGradient, accumulate, inputGradient);
        }
        pass.Release(_statistics);
    }
}
