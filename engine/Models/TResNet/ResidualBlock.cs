namespace Flixstock.Engine;

/// <summary>Settings of a residual block.</summary>
/// <param name="InputChannels">Number of channels of the input.</param>
/// <param name="Planes">Channels inside the block; a bottleneck's output has four times as many.</param>
/// <param name="Stride">Stride of the block; 2 halves the picture.</param>
/// <param name="SqueezeExcite">True if the block has a squeeze-excite gate.</param>
/// <param name="Slope">Slope of the leaky ReLUs for negative values.</param>
/// <param name="Blur">Halve with a blur (as all published networks do), not with a strided convolution.</param>
public sealed record BlockOptions(
    int InputChannels, int Planes, int Stride, bool SqueezeExcite, float Slope, bool Blur = true)
{
    /// <summary>Channel counts are padded to a multiple of it.</summary>
    public int ChannelMultiple { get; init; } = 1;
}

/// <summary>The common part of the two kinds of residual blocks.</summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract class ResidualBlock(string name, BlockOptions options) : Layer(name)
{
    /// <summary>The settings of the block.</summary>
    public BlockOptions Options { get; } = options;

    /// <summary>
    /// True if the input itself is the residual. Then the input's gradient may lie over the output's: one tensor and
    /// one pass less.
    /// </summary>
    public abstract bool ResidualIsInput { get; }

    /// <inheritdoc />
    public override bool HasKinkAtZero => true;

    /// <summary>
    /// The last ABN of the residual branch: its weight starts at 0, so that a fresh block is the identity.
    /// </summary>
    public abstract IdentityAbn LastNormalization { get; }

    /// <summary>Appends the block's steps for inference.</summary>
    /// <returns>Number of the block's output.</returns>
    internal abstract int Fold(FoldedBuilder builder, int input);

    /// <summary>Sends the residual's gradient back to the input: through the downsampling, or as it is.</summary>
    /// <remarks>The main path then adds to the input's gradient.</remarks>
    private protected static void BackwardResidual(
        Pass pass, Downsample? downsample, Tensor gradient, Tensor inputGradient, bool accumulate)
    {
        if (downsample is null)
            pass.Move(gradient, inputGradient, accumulate);
        else
            downsample.Backward(pass, gradient, inputGradient, accumulate);
    }
}
