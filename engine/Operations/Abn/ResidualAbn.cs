namespace Flixstock.Engine;

/// <summary>
/// The end of a residual block in one pass over its pixels: identity ABN, squeeze-excite's scale if there is one, the
/// residual, ReLU. Not a <see cref="Layer"/>, because it has two inputs: blocks drive it.
/// </summary>
/// <param name="normalization">The ABN at the end of the main path; its input is kept until the backward pass.</param>
/// <param name="squeezeExcite">Scales the ABN's output, in basic blocks; null for none.</param>
internal sealed class ResidualAbn(IdentityAbn normalization, SqueezeExcite? squeezeExcite)
{
    private Tensor _input, _output, _signs, _pictureMean, _excitation;

    private bool _isMeasured;

    /// <summary>The last convolution of the main path, whose output is x.</summary>
    public Tensor Convolve(Pass pass, Convolution convolution, Tensor input)
    {
        // Squeeze-excite needs the means of each picture too.
        _isMeasured = squeezeExcite is null && pass.MeasuresConvolutions;
        return _isMeasured
            ? MeasuredConvolution.Forward(pass, convolution, normalization, input)
            : pass.Forward(convolution, input);
    }

    /// <summary>y = relu(ABN(x) * excitation + residual).</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="input">x, the output of <see cref="Convolve"/>, [N, H, W, C]; kept.</param>
    /// <param name="residual">[N, H, W, C]</param>
    /// <param name="residualNormalization">[4, C] of the residual's own ABN, or <see cref="Tensor.None"/>.</param>
    public Tensor Forward(Pass pass, Tensor input, Tensor residual, Tensor residualNormalization)
    {
        pass.Ranges?.Push(normalization.Name);
        Compute(pass, input, residual, residualNormalization);
        pass.Ranges?.Pop();
        return _output;
    }

    /// <summary>The output's gradient becomes the residual's; x's gradient goes over x.</summary>
    /// <returns>x's gradient, in x's memory: the caller releases it as it would have x.</returns>
    public Tensor Backward(Pass pass, Tensor gradient)
    {
        pass.Ranges?.Push(normalization.Name);
        ComputeBackward(pass, gradient);
        pass.Ranges?.Pop();
        return _input;
    }

    private void Compute(Pass pass, Tensor input, Tensor residual, Tensor residualNormalization)
    {
        _input = input;
        if (squeezeExcite is null)
        {
            if (!_isMeasured)
                normalization.Normalize(pass, input, Tensor.None);
            _output = pass.TakeActivation(input.Shape);
            _signs = pass.TakeSigns(input.Shape);
            pass.Kernels.AbnResidualRelu(
                input, normalization.Normalization, residual, residualNormalization, _output, _signs);
            return;
        }
        // The mean over pixels of scale * x + shift is scale * mean + shift: no pass over the normalised picture, which
        // never exists.
        _pictureMean = pass.Take(new Shape(input.Shape.Batch, input.Shape.Channels));
        normalization.Normalize(pass, input, _pictureMean);
        pass.Ranges?.Push(squeezeExcite.Name);
        _excitation = squeezeExcite.Gate(pass, _pictureMean, normalization.Normalization);
        pass.Ranges?.Pop();
        _output = pass.TakeActivation(input.Shape);
        _signs = pass.TakeSigns(input.Shape);
        pass.Kernels.AbnExciteResidualRelu(
            input, normalization.Normalization, _excitation, residual, residualNormalization, _output, _signs);
    }

    private void ComputeBackward(Pass pass, Tensor gradient)
    {
        var (kernels, batch) = (pass.Kernels, normalization.BatchStatistics);
        var (rows, weight) = (normalization.Normalization, normalization.Weight);
        if (squeezeExcite is null)
        {
            if (normalization.Moments.Exists)
            {
                BackwardMerged(pass, gradient);
            }
            else
            {
                kernels.AbnResidualReluBackward(
                    _input, Passed, rows, weight.Value, batch, gradient, _input, weight.Gradient,
                    normalization.Bias.Gradient);
            }
            ReleaseSigns(pass);
            normalization.ReleaseNormalization(pass);
            return;
        }
        var shape = _pictureMean.Shape; // [N, C]
        var sums = pass.Take(new Shape(2, shape.Batch, shape.Channels));
        var excitationGradient = pass.Take(shape);
        kernels.AbnExciteResidualReluBackwardReduce(_input, Passed, rows, gradient, sums, excitationGradient);
        ReleaseSigns(pass);
        var pooledGradient = pass.Take(shape);
        pass.Ranges?.Push(squeezeExcite.Name);
        squeezeExcite.GateBackward(pass, excitationGradient, pooledGradient);
        pass.Ranges?.Pop();
        if (normalization.Moments.Exists)
        {
            ExciteBackwardMerged(pass, gradient, pooledGradient, sums);
        }
        else
        {
            kernels.AbnExciteResidualReluBackwardApply(
                _input, gradient, rows, weight.Value, _excitation, pooledGradient, _pictureMean, sums, batch, _input,
                weight.Gradient, normalization.Bias.Gradient);
        }
        pass.Release(pooledGradient);
        pass.Release(excitationGradient);
        pass.Release(sums);
        squeezeExcite.ReleaseGate(pass);
        normalization.ReleaseNormalization(pass);
        pass.Release(_pictureMean);
    }

    private void BackwardMerged(Pass pass, Tensor gradient)
    {
        var (kernels, rows, sums) = (pass.Kernels, normalization.Normalization, TakeSums(pass));
        kernels.AbnResidualReluBackwardReduce(
            _input, Passed, rows, normalization.Weight.Value, normalization.Moments, gradient, sums,
            normalization.Weight.Gradient, normalization.Bias.Gradient);
        normalization.MergeSums(sums);
        kernels.IdentityAbnBackwardApply(_input, gradient, rows, sums, _input);
        pass.Release(sums);
    }

    private void ExciteBackwardMerged(Pass pass, Tensor gradient, Tensor pooledGradient, Tensor pictureSums)
    {
        var (kernels, rows, sums) = (pass.Kernels, normalization.Normalization, TakeSums(pass));
        kernels.AbnExciteBackwardSums(
            pictureSums, _excitation, pooledGradient, _pictureMean, rows, normalization.Weight.Value,
            normalization.Moments, sums, normalization.Weight.Gradient, normalization.Bias.Gradient);
        normalization.MergeSums(sums);
        kernels.AbnExciteBackwardApply(_input, gradient, rows, _excitation, pooledGradient, sums, _input);
        pass.Release(sums);
    }

    // What the ReLU let through.
    private Tensor Passed => _signs.Exists ? _signs : _output;

    private void ReleaseSigns(Pass pass)
    {
        if (_signs.Exists)
            pass.Release(_signs);
    }

    private Tensor TakeSums(Pass pass) => pass.Take(new Shape(2, normalization.Channels));
}
