namespace Flixstock.Engine;

/// <summary>
/// Attention of several heads (Vaswani et al. 2017): each row of the target, [N, L, D], takes from the rows of the
/// memory, [N, S, D], what its query finds there. The parameters are those of PyTorch's MultiheadAttention. As a
/// <see cref="Layer"/> of one input it is self-attention, whose target is the memory; Float32 throughout.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class MultiHeadAttention : Layer
{
    // Rows of the projection's weight in this order, D each.
    private const int Query = 0, Key = 1, Value = 2, Projections = 3;

    // Of singles: a GPU's libraries want the parts of the projection's weight and bias to begin at 16 bytes.
    private const int WidthMultiple = 4;

    private readonly Parameter[] _parameters;
    private readonly Tensor[] _projected = new Tensor[Projections]; // [N, L, D], [N, S, D], [N, S, D]
    private readonly Tensor[] _gradients = new Tensor[Projections]; // of these, in the backward pass
    private Tensor _target, _memory, _weights, _attended;

    /// <summary>Attention with biases.</summary>
    /// <param name="name">
    /// Prefix of <c>.in_proj_weight</c>, <c>.in_proj_bias</c>, <c>.out_proj.weight</c> and <c>.out_proj.bias</c>.
    /// </param>
    /// <param name="width">D, length of the rows, a multiple of 4.</param>
    /// <param name="heads">A divisor of the width.</param>
    /// <exception cref="ArgumentException">The heads cannot share the width, or it is no multiple of 4.</exception>
    public MultiHeadAttention(string name, int width, int heads)
        : base(name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        if (width % heads != 0)
        {
            throw new ArgumentException(
                $"{heads} heads cannot share {width} columns: give a divisor of the width", nameof(heads));
        }
        if (width < 1 || width % WidthMultiple != 0)
        {
            throw new ArgumentException(
                $"attention over {width} columns: give a multiple of {WidthMultiple}", nameof(width));
        }
        Heads = heads;
        InputWeight = new Parameter(
            name + ".in_proj_weight", new Shape(Projections * width, width), ParameterKind.Weight)
        {
            InitialDeviation = Math.Sqrt(2.0 / ((Projections + 1) * width)), // Glorot's
        };
        InputBias = new Parameter(name + ".in_proj_bias", new Shape(Projections * width), ParameterKind.Vector);
        Output = new Linear(name + ".out_proj", width, width, initialDeviation: 1 / Math.Sqrt(3.0 * width));
        _parameters = [InputWeight, InputBias];
    }

    /// <summary>Number of heads.</summary>
    public int Heads { get; }

    /// <summary>D, length of the rows.</summary>
    public int Width => InputWeight.Shape[1];

    /// <summary>[3 D, D]: rows for the queries, the keys and the values.</summary>
    public Parameter InputWeight { get; }

    /// <summary>[3 D]</summary>
    public Parameter InputBias { get; }

    /// <summary>The layer that mixes the heads' results.</summary>
    public Linear Output { get; }

    /// <summary>
    /// A layer that changes the probabilities, [N, heads, L, S] in Float32, in a training pass, such as dropout; null:
    /// none. It is not <see cref="Layer.InPlace"/>, since the backward pass needs the probabilities as they were.
    /// </summary>
    /// <exception cref="ArgumentException">The layer works in place.</exception>
    public Layer? ProbabilityDropout
    {
        get;
        init => field = value is { InPlace: true }
            ? throw new ArgumentException($"layer '{value.Name}' works in place, but attention needs the probabilities "
                + "as they were", nameof(value))
            : value;
    }

    /// <summary>
    /// Probabilities of the last forward pass, [N, heads, L, S] in Float32, as they were before
    /// <see cref="ProbabilityDropout"/>: each query's over the rows of the memory, until the backward pass.
    /// </summary>
    public Tensor Probabilities { get; private set; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <inheritdoc />
    public override IReadOnlyList<Layer> Children =>
        ProbabilityDropout is null ? [Output] : [Output, ProbabilityDropout];

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => OutputShape(input, input);

    /// <summary>The output's shape, which is the target's.</summary>
    /// <param name="target">[N, L, D]</param>
    /// <param name="memory">[N, S, D]</param>
    /// <exception cref="ShapeException">The layer cannot take such inputs.</exception>
    public Shape OutputShape(Shape target, Shape memory)
    {
        if (target.Rank != 3 || target.Channels != Width)
            throw new ShapeException(Name, nameof(target), target, $"[N, L, {Width}]");
        return memory.Rank == 3 && memory.Channels == Width && memory.Batch == target.Batch
            ? target
            : throw new ShapeException(Name, nameof(memory), memory, $"[{target.Batch}, S, {Width}]");
    }

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input) => Forward(pass, input, input);

    /// <summary>Computes the output and keeps what the backward pass needs.</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="target">[N, L, D]; left as it is, and until the backward pass.</param>
    /// <param name="memory">[N, S, D]; left as it is, and until the backward pass.</param>
    /// <returns>[N, L, D] from the pass's arena; the caller's.</returns>
    /// <exception cref="ShapeException">The layer cannot take such inputs.</exception>
    /// <exception cref="ArgumentException">An input is in another type than Float32.</exception>
    public Tensor Forward(Pass pass, Tensor target, Tensor memory)
    {
        if ((target.Type, memory.Type) is not (ElementType.Float32, ElementType.Float32))
            throw new ArgumentException($"layer '{Name}' reads Float32, not {target.Type} and {memory.Type}");
        var shape = OutputShape(target.Shape, memory.Shape);
        (_target, _memory) = (target, memory);
        for (var part = 0; part < Projections; part++)
        {
            var source = Source(part);
            _projected[part] = pass.Take(source.Shape);
            pass.Kernels.LinearForward(
                Rows(source), Weight(InputWeight.Value, part), Bias(InputBias.Value, part), ActivationKind.None,
                Rows(_projected[part]));
        }
        Probabilities = pass.Take(new Shape(shape[0], Heads, shape[1], memory.Shape[1]));
        pass.Kernels.AttentionWeightsForward(_projected[Query], _projected[Key], Heads, Probabilities);
        _weights = Drops(pass) ? pass.Forward(ProbabilityDropout!, Probabilities) : Probabilities;
        _attended = pass.Take(shape);
        pass.Kernels.AttentionValuesForward(_weights, _projected[Value], Heads, _attended);
        return pass.Done(this, pass.Forward(Output, Rows(_attended)).Reshape(shape));
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate) =>
        Backward(pass, outputGradient, inputGradient, accumulate, inputGradient, accumulateMemory: true);

    /// <summary>All gradients of the last forward pass; releases everything that it kept.</summary>
    /// <param name="pass">The pass that the forward call was given.</param>
    /// <param name="outputGradient">[N, L, D]; may be destroyed.</param>
    /// <param name="targetGradient">[N, L, D], or <see cref="Tensor.None"/> if it is not needed.</param>
    /// <param name="accumulateTarget">Add to the target's gradient instead of writing it.</param>
    /// <param name="memoryGradient">[N, S, D], or <see cref="Tensor.None"/> if it is not needed.</param>
    /// <param name="accumulateMemory">Add to the memory's gradient instead of writing it.</param>
    public void Backward(
        Pass pass, Tensor outputGradient, Tensor targetGradient, bool accumulateTarget, Tensor memoryGradient,
        bool accumulateMemory)
    {
        var attendedGradient = pass.Take(_attended.Shape);
        pass.Backward(Output, Rows(outputGradient), Rows(attendedGradient), accumulate: false);
        pass.Release(_attended);
        for (var part = 0; part < Projections; part++)
            _gradients[part] = pass.Take(_projected[part].Shape);
        var weightsGradient = pass.Take(_weights.Shape);
        pass.Kernels.AttentionValuesBackward(
            _weights, _projected[Value], attendedGradient, Heads, weightsGradient, _gradients[Value]);
        pass.Release(attendedGradient);
        var probabilitiesGradient = Undropped(pass, weightsGradient);
        pass.Kernels.AttentionWeightsBackward(
            _projected[Query], _projected[Key], Probabilities, Heads, probabilitiesGradient, _gradients[Query],
            _gradients[Key]);
        pass.Release(probabilitiesGradient);
        pass.Release(Probabilities);
        for (var part = 0; part < Projections; part++)
        {
            var destination = part == Query ? targetGradient : memoryGradient;
            var added = part == Query ? accumulateTarget : accumulateMemory || part == Value;
            BackwardProjection(pass, part, _gradients[part], destination, added);
            pass.Release(_gradients[part]);
            pass.Release(_projected[part]);
        }
    }

    // Of a projection: weight, bias and what it reads.
    private void BackwardProjection(Pass pass, int part, Tensor gradient, Tensor sourceGradient, bool accumulate)
    {
        pass.Kernels.LinearBackwardWeight(
            Rows(Source(part)), Rows(gradient), Weight(InputWeight.Gradient, part), Bias(InputBias.Gradient, part));
        if (!sourceGradient.Exists)
            return;
        pass.Kernels.LinearBackwardData(
            Rows(gradient), Weight(InputWeight.Value, part), accumulate, Rows(sourceGradient));
    }

    // The gradient before the dropout; the one after it is released, unless they are the same.
    private Tensor Undropped(Pass pass, Tensor weightsGradient)
    {
        if (!Drops(pass))
            return weightsGradient;
        var gradient = pass.Take(Probabilities.Shape);
        pass.Backward(ProbabilityDropout!, weightsGradient, gradient, accumulate: false);
        pass.Release(weightsGradient);
        if (!_weights.SharesMemory(Probabilities)) // a dropout that drops nothing may return what it was given
            pass.Release(_weights);
        return gradient;
    }

    private bool Drops(Pass pass) => pass.Training && ProbabilityDropout is not null;

    private Tensor Source(int part) => part == Query ? _target : _memory;

    private Tensor Weight(Tensor all, int part) => all.Slice((long)part * Width * Width, new Shape(Width, Width));

    private Tensor Bias(Tensor all, int part) => all.Slice((long)part * Width, new Shape(Width));

    // [N, R, D] as [N * R, D]
    private static Tensor Rows(Tensor tensor) =>
        tensor.Reshape(new Shape(checked((int)tensor.Shape.Pixels), tensor.Shape.Channels));
}
