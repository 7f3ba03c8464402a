namespace Flixstock.Engine;

/// <summary>Convolution, leaky ABN over its output, and a blur where the block halves the picture.</summary>
internal sealed class ConvolutionAbn
{
    private Tensor _activated, _output;

    /// <summary>A stride of 2 is a convolution of stride 1 and a blur (published one name level deeper), or with <paramref name="blur"/> false a strided convolution.</summary>
    public ConvolutionAbn(string name, int inputChannels, int outputChannels, int kernel, int stride, bool blur, float slope, int channelMultiple)
    {
        var blurred = stride == 2 && blur;
        var prefix = blurred ? name + ".0" : name;
        Convolution = new Convolution(prefix + ".0", inputChannels, outputChannels, kernel, blurred ? 1 : stride, channelMultiple);
        Normalization = new InplaceAbn(prefix + ".1", outputChannels, slope, channelMultiple);
        Blur = blurred ? new BlurPool(name + ".1") : null;
    }

    public Convolution Convolution { get; }

    public InplaceAbn Normalization { get; }

    public BlurPool? Blur { get; }

    public Shape OutputShape(Shape input)
    {
        var convolved = Convolution.OutputShape(input);
        return Blur?.OutputShape(convolved) ?? convolved;
    }

    /// <summary>The output, which stays this object's: <see cref="Backward"/> releases it.</summary>
    public Tensor Forward(Pass pass, Tensor input)
    {
        _activated = pass.Forward(Normalization, pass.Forward(Convolution, input));
        _output = Blur is null ? _activated : pass.Forward(Blur, _activated);
        return _output;
    }

    /// <summary>The output's shape of the last forward pass.</summary>
    public Shape LastShape => _output.Shape;

    /// <summary>Appends the steps for inference.</summary>
    /// <returns>Number of the output.</returns>
    public int Fold(FoldedBuilder builder, int input)
    {
        var output = builder.Convolution(Convolution, Normalization, input, Normalization.Slope);
        return Blur is null ? output : builder.Add(new BlurPoolStep(Blur.Name, output));
    }

    /// <summary>Takes over the output's gradient and releases it with everything the forward pass kept.</summary>
    public void Backward(Pass pass, Tensor outputGradient, Tensor inputGradient, bool accumulate)
    {
        var gradient = outputGradient;
        if (Blur is not null)
        {
            pass.Release(_output);
            gradient = pass.TakeActivation(_activated.Shape);
            pass.Backward(Blur, outputGradient, gradient, accumulate: false);
            pass.Release(outputGradient);
        }
        pass.Backward(Normalization, gradient, gradient, accumulate: false);
        pass.Release(_activated);
        pass.Backward(Convolution, gradient, inputGradient, accumulate);
        pass.Release(gradient);
    }
}
