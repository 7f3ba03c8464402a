namespace Flixstock.Engine;

/// <summary>
/// The residual of a block that changes the shape: average pool (if it halves the picture), 1x1 convolution, identity
/// ABN. The ABN is applied on the fly when the residual is added, so the convolution's output is all that is stored.
/// </summary>
internal sealed class Downsample
{
    private readonly AveragePool? _pool;
    private Tensor _pooled, _convolved;

    public Downsample(string name, int inputChannels, int outputChannels, bool halve, int channelMultiple)
    {
        // Published names count the pooling as number 0 although it has no parameters.
        var prefix = name + (halve ? ".1" : ".0");
        _pool = halve ? new AveragePool(name + ".0") : null;
        Convolution = new Convolution(
            prefix + ".0", inputChannels, outputChannels, 1, channelMultiple: channelMultiple);
        Normalization = new IdentityAbn(prefix + ".1", outputChannels, channelMultiple);
    }

    public Convolution Convolution { get; }

    public IdentityAbn Normalization { get; }

    /// <summary>The convolution's output; its normalization is then in <see cref="Normalization"/>.</summary>
    public Tensor Forward(Pass pass, Tensor input)
    {
        _pooled = _pool is null ? input : pass.Forward(_pool, input);
        if (pass.MeasuresConvolutions)
            return _convolved = MeasuredConvolution.Forward(pass, Convolution, Normalization, _pooled);
        _convolved = pass.Forward(Convolution, _pooled);
        pass.Ranges?.Push(Normalization.Name);
        Normalization.Normalize(pass, _convolved, Tensor.None);
        pass.Ranges?.Pop();
        return _convolved;
    }

    /// <summary>Appends the steps for inference.</summary>
    /// <returns>Number of the value that the steps compute.</returns>
    public int Fold(FoldedBuilder builder, int input)
    {
        var pooled = _pool is null ? input : builder.Add(new AveragePoolStep(_pool.Name, input));
        return builder.Convolution(Convolution, Normalization, pooled, slope: 1);
    }

    /// <summary>
    /// Computes the gradients of the parameters and the input from the residual's gradient, which is destroyed.
    /// </summary>
    public void Backward(Pass pass, Tensor gradient, Tensor inputGradient, bool accumulate)
    {
        pass.Ranges?.Push(Normalization.Name);
        Normalization.BackwardInPlace(pass, _convolved, gradient);
        pass.Ranges?.Pop();
        pass.Release(_convolved);
        if (_pool is null)
        {
            pass.Backward(Convolution, gradient, inputGradient, accumulate);
            return;
        }
        var pooledGradient = inputGradient.Exists ? pass.TakeActivation(_pooled.Shape) : Tensor.None;
        pass.Backward(Convolution, gradient, pooledGradient, accumulate: false);
        pass.Backward(_pool, pooledGradient, inputGradient, accumulate);
        pass.Release(_pooled);
        if (pooledGradient.Exists)
            pass.Release(pooledGradient);
    }
}
