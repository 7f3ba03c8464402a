namespace Flixstock.Engine;

/// <summary>
/// Batch norm without activation, at the end of residual branches. It keeps its input and is never inverted: with
/// |weight| + eps near 1e-5, at which
/// every residual branch starts, inversion would lose everything. Inside blocks it is fused with what follows.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
/// <param name="name">Prefix of the parameters' names.</param>
/// <param name="channels">Number of channels of input and output.</param>
/// <param name="channelMultiple">C is padded to a multiple of it.</param>
public sealed class IdentityAbn(string name, int channels, int channelMultiple = 1)
    : BatchNormalization(name, channels, channelMultiple)
{
    private Tensor _input;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        Normalize(pass, input, Tensor.None);
        var output = pass.TakeActivation(input.Shape);
        pass.Kernels.AbnApply(input, Normalization, 1, output);
        _input = input;
        return pass.Done(this, output);
    }

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        BackwardInPlace(pass, _input, outputGradient);
        pass.Move(outputGradient, inputGradient, accumulate);
    }

    /// <summary>
    /// The output's gradient becomes the input's; for blocks that apply this normalisation on the fly and keep its
    /// input themselves.
    /// </summary>
    internal void BackwardInPlace(Pass pass, Tensor input, Tensor gradient)
    {
        if (Moments.Exists)
        {
            BackwardMerged(pass, input, gradient);
        }
        else
        {
            pass.Kernels.IdentityAbnBackward(input, Normalization, Weight.Value, BatchStatistics, gradient,
                Weight.Gradient, Bias.Gradient);
        }
        ReleaseNormalization(pass);
    }

    private void BackwardMerged(Pass pass, Tensor input, Tensor gradient)
    {
        var sums = pass.Take(new Shape(2, Channels));
        pass.Kernels.IdentityAbnBackwardReduce(
            input, gradient, Normalization, Weight.Value, Moments, sums, Weight.Gradient, Bias.Gradient);
        MergeSums(sums);
        pass.Kernels.IdentityAbnBackwardApply(input, gradient, Normalization, sums, gradient);
        pass.Release(sums);
    }
}
