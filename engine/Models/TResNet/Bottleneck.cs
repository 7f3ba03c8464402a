namespace Flixstock.Engine;

/// <summary>
/// 1x1, 3x3 and 1x1 convolution with a skip and four times as many channels outside as inside: TResNet's block in the
/// last two stages. Order: conv1, leaky ABN, conv2, leaky ABN, (blur,) squeeze-excite, conv3, identity ABN, residual,
/// ReLU; the last three are one pass.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class Bottleneck : ResidualBlock
{
    /// <summary>Output channels for each of the planes inside.</summary>
    public const int Expansion = 4;

    private readonly ConvolutionAbn _first, _second;
    private readonly SqueezeExcite? _squeezeExcite;
    private readonly Convolution _third;
    private readonly IdentityAbn _normalization;
    private readonly Downsample? _downsample;
    private readonly ResidualAbn _end;
    private readonly Layer[] _children;
    private Tensor _excited;

    /// <summary>A block under a published name such as <c>body.layer3.0</c>.</summary>
    public Bottleneck(string name, BlockOptions options)
        : base(name, options)
    {
        var (planes, outputs) = (options.Planes, options.Planes * Expansion);
        _first = new ConvolutionAbn(
            Name + ".conv1", options.InputChannels, planes, 1, 1, blur: false, options.Slope, options.ChannelMultiple);
        _second = new ConvolutionAbn(
            Name + ".conv2", planes, planes, 3, options.Stride, options.Blur, options.Slope, options.ChannelMultiple);
        _third = new Convolution(Name + ".conv3.0", planes, outputs, 1, channelMultiple: options.ChannelMultiple);
        _normalization = new IdentityAbn(Name + ".conv3.1", outputs, options.ChannelMultiple);
        if (options.Stride != 1 || options.InputChannels != outputs)
        {
            _downsample = new Downsample(
                Name + ".downsample", options.InputChannels, outputs, options.Stride == 2, options.ChannelMultiple);
        }
        _squeezeExcite = options.SqueezeExcite
            ? new SqueezeExcite(Name + ".se", planes, Math.Max(outputs / 8, 64), options.ChannelMultiple)
            : null;
        _end = new ResidualAbn(_normalization, null);
        List<Layer> children =
        [
            _first.Convolution, _first.Normalization, _second.Convolution, _second.Normalization, _third,
            _normalization,
        ];
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
    public override Shape OutputShape(Shape input) =>
        _third.OutputShape(_second.OutputShape(_first.OutputShape(input)));

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        var first = _first.Forward(pass, input);
        _excited = _squeezeExcite is null
            ? _second.Forward(pass, first)
            : _second.Forward(pass, first, _squeezeExcite);
        var convolved = _end.Convolve(pass, _third, _excited);
        var residual = _downsample?.Forward(pass, input) ?? input;
        var residualNormalization = _downsample?.Normalization.Normalization ?? Tensor.None;
        return pass.Done(this, _end.Forward(pass, convolved, residual, residualNormalization));
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        var convolvedGradient = _end.Backward(pass, outputGradient);
        BackwardResidual(pass, _downsample, outputGradient, inputGradient, accumulate);
        var innerGradient = pass.TakeActivation(_excited.Shape);
        pass.Backward(_third, convolvedGradient, innerGradient, accumulate: false);
        pass.Release(convolvedGradient);
        if (_squeezeExcite is not null)
        {
            pass.Release(_excited);
            pass.Backward(_squeezeExcite, innerGradient, innerGradient, accumulate: false);
        }
        var firstGradient = pass.TakeActivation(_first.LastShape);
        _second.Backward(pass, innerGradient, firstGradient, accumulate: false);
        _first.Backward(pass, firstGradient, inputGradient, accumulate: true);
    }

    internal override int Fold(FoldedBuilder builder, int input)
    {
        var inner = _second.Fold(builder, _first.Fold(builder, input));
        if (_squeezeExcite is not null)
            inner = _squeezeExcite.Fold(builder, inner);
        var residual = _downsample?.Fold(builder, input) ?? input;
        return builder.Convolution(_third, _normalization, inner, slope: 0, residual);
    }
}
