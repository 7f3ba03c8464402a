using Flixstock.Engine;

namespace Flixstock.Samples.CustomNetwork;

/// <summary>
/// Pixels to channels, a convolution that halves the picture, and a residual block: features = norm(conv(swish(x))) +
/// x.
/// </summary>
public sealed class SkipBody : NetworkBody
{
    private const int Block = 4;
    private readonly SpaceToDepth _pixels = new("body.pixels", Block);
    private readonly ConvolutionAbn _first;
    private readonly Swish _swish = new("body.swish");
    private readonly Convolution _convolution;
    private readonly IdentityAbn _norm;
    private Tensor _rearranged, _skip, _activated, _convolved, _features;

    /// <summary>The body.</summary>
    /// <param name="channels">Of the convolutions.</param>
    /// <param name="channelMultiple">The device's.</param>
    public SkipBody(int channels, int channelMultiple)
    {
        _first = new ConvolutionAbn(
            "body.first", Block * Block * 3, channels, kernel: 3, stride: 2, blur: false, slope: 0.01f,
            channelMultiple);
        _convolution = new Convolution("body.conv", channels, channels, kernel: 3, stride: 1, channelMultiple);
        _norm = new IdentityAbn("body.norm", channels, channelMultiple);
    }

    /// <inheritdoc />
    public override IReadOnlyList<Layer> Layers =>
        [_pixels, _first.Convolution, _first.Normalization, _swish, _convolution, _norm];

    /// <inheritdoc />
    public override IEnumerable<Parameter> ZeroInitialized => [_norm.Weight]; // a fresh block is the identity

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        _rearranged = pass.Forward(_pixels, input); // [N, H/4, W/4, 48]
        _skip = _first.Forward(pass, _rearranged); // [N, H/8, W/8, C]
        _activated = pass.Forward(_swish, _skip);
        _convolved = pass.Forward(_convolution, _activated);
        _features = pass.Forward(_norm, _convolved);
        pass.Kernels.Add(_skip, _features);
        return _features;
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor featuresGradient, Tensor inputGradient)
    {
        pass.Release(_features);
        var skipGradient = pass.TakeActivation(_skip.Shape);
        pass.Kernels.Copy(featuresGradient, skipGradient);
        pass.Backward(_norm, featuresGradient, featuresGradient, accumulate: false);
        pass.Release(_convolved);
        var activatedGradient = pass.TakeActivation(_activated.Shape);
        pass.Backward(_convolution, featuresGradient, activatedGradient, accumulate: false);
        pass.Release(_activated);
        pass.Release(featuresGradient);
        pass.Backward(_swish, activatedGradient, skipGradient, accumulate: true);
        pass.Release(activatedGradient);
        var rearrangedGradient = inputGradient.Exists ? pass.TakeActivation(_rearranged.Shape) : Tensor.None;
        _first.Backward(pass, skipGradient, rearrangedGradient, accumulate: false); // it releases its output's gradient
        pass.Backward(_pixels, rearrangedGradient, inputGradient, accumulate: false);
        if (rearrangedGradient.Exists)
            pass.Release(rearrangedGradient);
        pass.Release(_rearranged);
    }

    /// <inheritdoc />
    public override int Fold(FoldedBuilder builder, int input)
    {
        var rearranged = builder.Add(new SpaceToDepthStep(_pixels.Name, input, Block));
        var skip = _first.Fold(builder, rearranged);
        var activated = builder.Add(new SwishStep(_swish.Name, skip));
        return builder.Convolution(_convolution, _norm, activated, slope: 1, residual: skip);
    }
}
