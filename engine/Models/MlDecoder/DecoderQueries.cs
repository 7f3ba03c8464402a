namespace Flixstock.Engine;

/// <summary>
/// The fixed queries of an attention head, the same for every picture: drawn once, N(0, 1), and never trained.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class DecoderQueries : Layer
{
    private readonly Parameter[] _parameters;

    /// <summary>Queries.</summary>
    /// <param name="name">Prefix of <c>.weight</c>.</param>
    /// <param name="count">Q, number of queries.</param>
    /// <param name="width">D, length of a query.</param>
    public DecoderQueries(string name, int count, int width)
        : base(name)
    {
        Value = new Parameter(name + ".weight", new Shape(count, width), ParameterKind.RunningStatistic)
        {
            InitialDeviation = 1,
        };
        _parameters = [Value];
    }

    /// <summary>[Q, D]</summary>
    public Parameter Value { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>[N, Q, D] for an input of N pictures.</summary>
    public override Shape OutputShape(Shape input) => new(input.Batch, Value.Shape[0], Value.Shape[1]);

    /// <summary>The queries once for each picture of the input, of which nothing else is read.</summary>
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var output = pass.Take(OutputShape(input.Shape));
        pass.Kernels.Repeat(Value.Value, output);
        return pass.Done(this, output);
    }

    /// <summary>Nothing is trained.</summary>
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
    }
}
