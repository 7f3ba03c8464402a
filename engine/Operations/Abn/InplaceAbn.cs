namespace Flixstock.Engine;

/// <summary>
/// Batch norm and leaky ReLU as one step on one buffer (Rota Bulo, Porzi, Kontschieder, "In-Place Activated BatchNorm",
/// 2018). The output overwrites the input and is all that is kept: the backward pass recovers the normalised input from
/// it.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class InplaceAbn : BatchNormalization
{
    private Tensor _output;

    /// <summary>An activated batch norm.</summary>
    /// <param name="name">Prefix of the parameters' names.</param>
    /// <param name="channels">Number of channels of input and output.</param>
    /// <param name="slope">Slope for negative values, above 0: otherwise the output could not be inverted.</param>
    /// <param name="channelMultiple">C is padded to a multiple of it.</param>
    public InplaceAbn(string name, int channels, float slope, int channelMultiple = 1)
        : base(name, channels, channelMultiple)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slope);
        Slope = slope;
    }

    /// <summary>Slope for negative values.</summary>
    public float Slope { get; }

    /// <inheritdoc />
    public override bool InPlace => true;

    /// <inheritdoc />
    public override bool HasKinkAtZero => true;

    /// <inheritdoc />
    public override Tensor Forward(Pass pass, Tensor input)
    {
        Measure(pass, input);
        return ActivateInPlace(pass);
    }

    /// <summary>The output over the input of <see cref="Measure(Pass, Tensor)"/>.</summary>
    internal Tensor ActivateInPlace(Pass pass)
    {
        pass.Kernels.AbnApply(_output, Normalization, Slope, _output);
        return pass.Done(this, _output);
    }

    /// <summary>The statistics of an input, which the caller then turns into the output in place.</summary>
    internal void Measure(Pass pass, Tensor input)
    {
        Normalize(pass, input, Tensor.None);
        _output = input;
    }

    /// <summary>The same of a convolution's output, which is computed on the way.</summary>
    /// <returns>The convolution's output.</returns>
    internal Tensor Measure(Pass pass, Convolution convolution, Tensor input) =>
        _output = MeasuredConvolution.Forward(pass, convolution, this, input);

    /// <inheritdoc />
    public override void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        if (accumulate || inputGradient.Exists && !inputGradient.SharesMemory(outputGradient))
        {
            throw new ArgumentException(
                $"layer '{Name}' works in place: the input's gradient must lie over the output's",
                nameof(inputGradient));
        }
        if (Moments.Exists)
        {
            BackwardMerged(pass, outputGradient);
        }
        else
        {
            pass.Kernels.AbnBackward(
                _output, Normalization, Weight.Value, Bias.Value, Epsilon, Slope, BatchStatistics, outputGradient,
                Weight.Gradient, Bias.Gradient);
        }
        ReleaseNormalization(pass);
    }

    private void BackwardMerged(Pass pass, Tensor gradient)
    {
        var sums = pass.Take(new Shape(2, Channels));
        pass.Kernels.AbnBackwardReduce(
            _output, gradient, Weight.Value, Bias.Value, Epsilon, Slope, Moments, sums, Weight.Gradient, Bias.Gradient);
        MergeSums(sums);
        pass.Kernels.AbnBackwardApply(_output, Normalization, Weight.Value, Bias.Value, Epsilon, Slope, sums, gradient);
        pass.Release(sums);
    }
}
