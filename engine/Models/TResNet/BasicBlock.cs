namespace Flixstock.Engine;

/// <summary>
/// Two 3x3 convolutions with a skip: TResNet's block in the first two stages. Order: conv1, leaky ABN, (blur,) conv2,
/// identity ABN, squeeze-excite, residual, ReLU; everything from the identity ABN on is one pass.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class BasicBlock : ResidualBlock
{
    private readonly ConvolutionAbn _first;
    private readonly Convolution _second;
    private readonly IdentityAbn _normalization;
    private readonly SqueezeExcite? _squeezeExcite;
    private readonly Downsample? _downsample;
    private readonly ResidualAbn _end;
    private readonly Layer[] _children;

    /// <summary>A block under a published name such as <c>body.layer1.0</c>.</summary>
    public BasicBlock(string name, BlockOptions options)
        : base(name, options)
    {
        var planes = options.Planes;
        _first = new ConvolutionAbn(
            Name + ".conv1", options.InputChannels, planes, 3, options.Stride, options.Blur, options.Slope,
            options.ChannelMultiple);
        _second = new Convolution(Name + ".conv2.0", planes, planes, 3, channelMultiple: options.ChannelMultiple);
        _normalization = new IdentityAbn(Name + ".conv2.1", planes, options.ChannelMultiple);
        if (options.Stride != 1 || options.InputChannels != planes)
        {
            _downsample = new Downsample(
                Name + ".downsample", options.InputChannels, planes, options.Stride == 2, options.ChannelMultiple);
        }
        _squeezeExcite = options.SqueezeExcite
            ? new SqueezeExcite(Name + ".se", planes, Math.Max(planes / 4, 64), options.ChannelMultiple)
            : null;
        _end = new ResidualAbn(_normalization, _squeezeExcite);
        List<Layer> children = [_first.Convolution, _first.Normalization, _second, _normalization];
        if (_downsample is not null)
            children.AddRange([_downsample.Convolution, _downsample.Normalization]);
        if (_squeezeExcite is not null)
            children.Add(_squeezeExcite);
        _children = [.. children];
    }

    /// <inheritdoc />
    public override IReadOnlyList<Layer> Children => _children;

    /// <inheritdoc />
    public override bool ResidualIsInput => _downsample is null;

    /// <inheritdoc />
    public override IdentityAbn LastNormalization => _normalization;

    /// <inheritdoc />
    public override Shape OutputShape(Shape input) => _second.OutputShape(_first.OutputShape(input));

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var convolved = _end.Convolve(pass, _second, _first.Forward(pass, input));
        var residual = _downsample?.Forward(pass, input) ?? input;
        var residualNormalization = _downsample?.Normalization.Normalization ?? Tensor.None;
        return pass.Done(this, _end.Forward(pass, convolved, residual, residualNormalization));
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        var convolvedGradient = _end.Backward(pass, outputGradient);
        BackwardResidual(pass, _downsample, outputGradient, inputGradient, accumulate);
        var firstGradient = pass.TakeActivation(_first.LastShape);
        pass.Backward(_second, convolvedGradient, firstGradient, accumulate: false);
        pass.Release(convolvedGradient);
        _first.Backward(pass, firstGradient, inputGradient, accumulate: true);
    }

    internal override int Fold(FoldedBuilder builder, int input)
    {
        var first = _first.Fold(builder, input);
        var residual = _downsample?.Fold(builder, input) ?? input;
        if (_squeezeExcite is null)
            return builder.Convolution(_second, _normalization, first, slope: 0, residual);
        var second = builder.Convolution(_second, _normalization, first, slope: 1);
        var excitation = _squeezeExcite.FoldGate(builder, second);
        return builder.Add(new ExciteResidualReluStep(Name, second, excitation, residual));
    }
}
