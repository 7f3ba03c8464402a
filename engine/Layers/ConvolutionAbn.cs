namespace Flixstock.Engine;

/// <summary>
/// Convolution, leaky ABN over its output, and a blur if the picture is halved: three layers that bodies use as one.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class ConvolutionAbn
{
    private Tensor _activated, _output;

    /// <summary>The layers.</summary>
    /// <param name="name">Prefix of the parameters' names; with a blur they are published one level deeper.</param>
    /// <param name="inputChannels">Channels of the input.</param>
    /// <param name="outputChannels">Channels of the output.</param>
    /// <param name="kernel">Height and width of the window in pixels.</param>
    /// <param name="stride">1, or 2 to halve the picture.</param>
    /// <param name="blur">Halve with a convolution of stride 1 and a blur; false: with a strided convolution.</param>
    /// <param name="slope">Slope of the leaky ReLU for negative values, above 0.</param>
    /// <param name="channelMultiple">The device's channel multiple, to which channels are padded.</param>
    public ConvolutionAbn(
        string name, int inputChannels, int outputChannels, int kernel, int stride, bool blur, float slope,
        int channelMultiple)
    {
        var blurred = stride == 2 && blur;
        var prefix = blurred ? name + ".0" : name;
        Convolution = new Convolution(
            prefix + ".0", inputChannels, outputChannels, kernel, blurred ? 1 : stride, channelMultiple);
        Normalization = new InplaceAbn(prefix + ".1", outputChannels, slope, channelMultiple);
        Blur = blurred ? new BlurPool(name + ".1") : null;
    }

    /// <summary>The convolution.</summary>
    public Convolution Convolution { get; }

    /// <summary>The norm with its activation.</summary>
    public InplaceAbn Normalization { get; }

    /// <summary>The blur that halves the picture, or null.</summary>
    public BlurPool? Blur { get; }

    /// <summary>The output's shape.</summary>
    public Shape OutputShape(Shape input)
    {
        var convolved = Convolution.OutputShape(input);
        return Blur?.OutputShape(convolved) ?? convolved;
    }

    /// <summary>Computes the output and keeps what the backward pass needs.</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">[N, H, W, C]</param>
    /// <returns>The output, which stays this object's: <see cref="Backward"/> releases it.</returns>
    public Tensor Forward(Pass pass, Tensor input)
    {
        Measure(pass, input);
        pass.Ranges?.Push(Normalization.Name);
        _activated = Normalization.ActivateInPlace(pass);
        pass.Ranges?.Pop();
        _output = Blur is null ? _activated : pass.Forward(Blur, _activated);
        return _output;
    }

    /// <summary>
    /// As <see cref="Forward(Pass, Tensor)"/>, with squeeze-excite after it: in one pass over the pixels where no blur
    /// lies between.
    /// </summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="excite">Scales the output.</param>
    /// <returns>The scaled output, which is the caller's; what it is made of stays this object's.</returns>
    internal Tensor Forward(Pass pass, Tensor input, SqueezeExcite excite)
    {
        if (Blur is not null)
            return pass.Forward(excite, Forward(pass, input));
        _activated = _output = Measure(pass, input);
        pass.Ranges?.Push(excite.Name);
        var excited = excite.ForwardOver(pass, Normalization, _output);
        pass.Ranges?.Pop();
        return excited;
    }

    // The convolution, with the statistics of its output.
    private Tensor Measure(Pass pass, Tensor input)
    {
        if (pass.MeasuresConvolutions)
            return Normalization.Measure(pass, Convolution, input);
        var convolved = pass.Forward(Convolution, input);
        pass.Ranges?.Push(Normalization.Name);
        Normalization.Measure(pass, convolved);
        pass.Ranges?.Pop();
        return convolved;
    }

    /// <summary>The output's shape of the last forward pass.</summary>
    public Shape LastShape => _output.Shape;

    /// <summary>Appends the steps for inference.</summary>
    /// <returns>Number of the value that the steps compute.</returns>
    public int Fold(FoldedBuilder builder, int input)
    {
        var output = builder.Convolution(Convolution, Normalization, input, Normalization.Slope);
        return Blur is null ? output : builder.Add(new BlurPoolStep(Blur.Name, output));
    }

    /// <summary>All gradients of the last forward pass.</summary>
    /// <param name="pass">The pass that the forward call was given.</param>
    /// <param name="outputGradient">
    /// The output's; this object releases it with everything that the forward pass kept.
    /// </param>
    /// <param name="inputGradient">Receives the input's gradient; <see cref="Tensor.None"/> if it is not
    /// needed.</param>
    /// <param name="accumulate">Add to the input's gradient instead of writing it.</param>
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
