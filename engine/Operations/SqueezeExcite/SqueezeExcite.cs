namespace Flixstock.Engine;

/// <summary>
/// Squeeze-and-excitation (Hu et al. 2018): each channel is scaled by a number between 0 and 1 that two small linear
/// layers make from the means over the picture's pixels. Published as 1x1 convolutions.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class SqueezeExcite : Layer
{
    private readonly Parameter[] _parameters;
    private Tensor _input, _pooled, _hidden, _excitation;

    /// <summary>A gate for this many channels.</summary>
    /// <param name="name">Prefix of <c>.fc1</c> and <c>.fc2</c>.</param>
    /// <param name="channels">Number of channels of input and output.</param>
    /// <param name="hidden">Values between the two linear layers.</param>
    /// <param name="channelMultiple">The channels are padded to a multiple of it.</param>
    public SqueezeExcite(string name, int channels, int hidden, int channelMultiple = 1)
        : base(name)
    {
        var padded = ChannelPadding.Padded(channels, channelMultiple);
        ReduceWeight = new Parameter(name + ".fc1.weight", new Shape(hidden, padded), ParameterKind.Weight)
        {
            PublishedAsConvolution = true,
            PublishedShape = new Shape(hidden, channels),
        };
        ReduceBias = new Parameter(name + ".fc1.bias", new Shape(hidden), ParameterKind.Vector);
        ExpandWeight = new Parameter(name + ".fc2.weight", new Shape(padded, hidden), ParameterKind.Weight)
        {
            PublishedAsConvolution = true,
            PublishedShape = new Shape(channels, hidden),
        };
        ExpandBias = new Parameter(name + ".fc2.bias", new Shape(padded), ParameterKind.Vector)
        {
            PublishedShape = new Shape(channels),
        };
        _parameters = [ReduceWeight, ReduceBias, ExpandWeight, ExpandBias];
    }

    /// <summary>[hidden, C]</summary>
    public Parameter ReduceWeight { get; }

    /// <summary>[hidden]</summary>
    public Parameter ReduceBias { get; }

    /// <summary>[C, hidden]</summary>
    public Parameter ExpandWeight { get; }

    /// <summary>[C]</summary>
    public Parameter ExpandBias { get; }

    /// <inheritdoc />
    public override IReadOnlyList<Parameter> Parameters => _parameters;

    /// <inheritdoc />
    public override bool HasKinkAtZero => true;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => input.Rank == 4 && input.Channels == ExpandWeight.Shape[0]
        ? input
        : throw new ShapeException(Name, "input", input, $"[N, H, W, {ExpandWeight.Shape[0]}]");

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        OutputShape(input.Shape);
        _input = input;
        TakeGate(pass, input.Shape.Batch);
        pass.Kernels.PooledGateForward(
            input, ReduceWeight.Value, ReduceBias.Value, ExpandWeight.Value, ExpandBias.Value, _pooled, _hidden,
            _excitation);
        var excitation = GateDone(pass);
        var output = pass.TakeActivation(input.Shape);
        pass.Kernels.ExciteForward(input, excitation, output);
        return pass.Done(this, output);
    }

    /// <summary>
    /// Normalizes a convolution's output in place, with the statistics it has, and scales it: the means are taken where
    /// the pixels are written.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="normalization">The leaky ABN before this layer, whose statistics are known.</param>
    /// <param name="input">Becomes the ABN's output, which is kept.</param>
    internal Tensor ForwardOver(Pass pass, InplaceAbn normalization, Tensor input)
    {
        OutputShape(input.Shape);
        _input = input;
        TakeGate(pass, input.Shape.Batch);
        pass.Kernels.AbnApplyGateForward(
            input, normalization.Normalization, normalization.Slope, input, ReduceWeight.Value, ReduceBias.Value,
            ExpandWeight.Value, ExpandBias.Value, _pooled, _hidden, _excitation);
        pass.Done(normalization, input);
        var excitation = GateDone(pass);
        var output = pass.TakeActivation(input.Shape);
        pass.Kernels.ExciteForward(input, excitation, output);
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        var excitationGradient = pass.Take(_excitation.Shape); // [N, C]
        pass.Kernels.ExciteBackwardReduce(_input, outputGradient, excitationGradient);
        var pooledGradient = pass.Take(_pooled.Shape); // [N, C]
        GateBackward(pass, excitationGradient, pooledGradient);
        pass.Kernels.ExciteBackwardApply(_excitation, pooledGradient, outputGradient);
        pass.Release(pooledGradient);
        pass.Release(excitationGradient);
        ReleaseGate(pass);
        pass.Move(outputGradient, inputGradient, accumulate);
    }

    /// <summary>
    /// sigmoid(fc2(relu(fc1(pooled)))), [N, C], of normalized pictures that are never written; what the backward pass
    /// needs is the layer's own until <see cref="ReleaseGate"/>.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="pictureMean">[N, C], means over the pixels before the normalization.</param>
    /// <param name="normalization">[4, C]</param>
    public Tensor Gate(Pass pass, ReadOnlyTensor pictureMean, ReadOnlyTensor normalization)
    {
        TakeGate(pass, pictureMean.Shape.Batch);
        pass.Kernels.NormalizedGateForward(
            pictureMean, normalization, ReduceWeight.Value, ReduceBias.Value, ExpandWeight.Value, ExpandBias.Value,
            _pooled, _hidden, _excitation);
        return GateDone(pass);
    }

    private void TakeGate(Pass pass, int batch)
    {
        _pooled = pass.Take(new Shape(batch, ExpandWeight.Shape[0]));
        _hidden = pass.Take(new Shape(batch, ReduceBias.Shape.Channels));
        _excitation = pass.Take(_pooled.Shape);
    }

    private Tensor GateDone(Pass pass)
    {
        pass.Done(this, _hidden);
        return pass.Done(this, _excitation);
    }

    /// <summary>The gate's parameter gradients, and the pooled values' gradient.</summary>
    /// <param name="pass">The pass that the forward call was given.</param>
    /// <param name="excitationGradient">[N, C], destroyed.</param>
    /// <param name="pooledGradient">[N, C]</param>
    public void GateBackward(Pass pass, Tensor excitationGradient, Tensor pooledGradient)
    {
        var hiddenGradient = pass.Take(_hidden.Shape);
        pass.Kernels.GateBackward(
            _pooled, _hidden, _excitation, ReduceWeight.Value, ExpandWeight.Value, excitationGradient, hiddenGradient,
            pooledGradient, ReduceWeight.Gradient, ReduceBias.Gradient, ExpandWeight.Gradient, ExpandBias.Gradient);
        pass.Release(hiddenGradient);
    }

    /// <summary>Appends the layer's steps to a folded network.</summary>
    /// <param name="builder">The folded network's builder.</param>
    /// <param name="input">Number of the value that is scaled, [N, H, W, C].</param>
    /// <returns>Number of the output, [N, H, W, C].</returns>
    public int Fold(FoldedBuilder builder, int input) =>
        builder.Add(new ExciteStep(Name, input, FoldGate(builder, input)));

    /// <summary>Appends the steps that compute the scale alone.</summary>
    /// <param name="builder">The folded network's builder.</param>
    /// <param name="input">Number of the value whose means over the pixels are taken, [N, H, W, C].</param>
    /// <returns>Number of the value that holds the scale, [N, C].</returns>
    public int FoldGate(FoldedBuilder builder, int input)
    {
        var pooled = builder.Add(new GlobalAveragePoolStep(Name, input));
        var hidden = builder.Linear(Name + ".fc1", ReduceWeight, ReduceBias, ActivationKind.Relu, pooled);
        return builder.Linear(Name + ".fc2", ExpandWeight, ExpandBias, ActivationKind.Sigmoid, hidden);
    }

    /// <summary>Gives the gate's tensors back: the last act of a backward pass.</summary>
    public void ReleaseGate(Pass pass)
    {
        pass.Release(_excitation);
        pass.Release(_hidden);
        pass.Release(_pooled);
    }
}
