namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void AbnResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs) =>
        AbnExciteResidualRelu(
            input, normalization, ReadOnlyTensor.None, residual, residualNormalization, output, signs);

    public void AbnResidualReluBackward(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        bool batchStatistics, Tensor gradient, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        ReluBackward(output, gradient);
        IdentityAbnGradients(
            input, gradient, normalization, weight, batchStatistics, inputGradient, weightGradient, biasGradient);
    }

    public void AbnExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor excitation, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs)
    {
        var x = input.Floats();
        var r = residual.Floats();
        var y = output.Floats();
        var channels = input.Shape.Channels;
        for (var i = 0; i < y.Length; i++)
        {
            var c = i % channels;
            var main = ScaleAndShift(normalization, c, x[i]);
            if (excitation.Exists)
                main *= excitation.Floats()[PerPicture(i, input.Shape)];
            var other = residualNormalization.Exists ? ScaleAndShift(residualNormalization, c, r[i]) : r[i];
            y[i] = (float)Activate(main + other, ActivationKind.Relu);
        }
        SignBits.Write(output, signs);
    }

    public void AbnExciteResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, Tensor gradient, Tensor sums,
        Tensor excitationGradient)
    {
        ReluBackward(output, gradient);
        var x = input.Floats();
        var d = gradient.Floats();
        var count = (int)excitationGradient.Count;
        var (sum, sumXhat, sumMain) = (new double[count], new double[count], new double[count]);
        for (var i = 0; i < x.Length; i++)
        {
            var (at, c) = (PerPicture(i, input.Shape), i % input.Shape.Channels);
            sum[at] += d[i];
            sumXhat[at] += d[i] * Normalized(normalization, c, x[i]);
            sumMain[at] += d[i] * ScaleAndShift(normalization, c, x[i]);
        }
        StoreRow(sum, accumulate: false, sums.Floats()[..count]);
        StoreRow(sumXhat, accumulate: false, sums.Floats()[count..]);
        StoreRow(sumMain, accumulate: false, excitationGradient.Floats());
    }

    public void AbnExciteResidualReluBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean, ReadOnlyTensor sums,
        bool batchStatistics, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var x = input.Floats();
        var d = gradient.Floats();
        var dx = inputGradient.Floats();
        var e = excitation.Floats();
        var pooled = pooledGradient.Floats();
        var rows = normalization.Floats();
        var (channels, pixels) = (input.Shape.Channels, input.Shape.Pixels);
        var (sum, sumXhat) = ExciteSums(sums, excitation, pooledGradient, pictureMean, normalization);
        for (var i = 0; i < x.Length; i++)
        {
            var (at, c) = (PerPicture(i, input.Shape), i % channels);
            var da = (double)d[i] * e[at] + (double)pooled[at] / input.Shape.PixelsPerPicture;
            if (batchStatistics)
                da -= sum[c] / pixels + Normalized(normalization, c, x[i]) * sumXhat[c] / pixels;
            dx[i] = (float)(rows[2 * channels + c] * da);
        }
        for (var c = 0; c < channels; c++)
            StoreAbnGradients(c, sum[c], sumXhat[c], weight, weightGradient, biasGradient);
    }

    // sum da and sum da * xhat for each channel, from the sums for each picture.
    private static (double[] Sum, double[] SumXhat) ExciteSums(
        ReadOnlyTensor pictureSums, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient,
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization)
    {
        var e = excitation.Floats();
        var pooled = pooledGradient.Floats();
        var sums = pictureSums.Floats();
        var (channels, count) = (excitation.Shape.Channels, (int)excitation.Count);
        var (sum, sumXhat) = (new double[channels], new double[channels]);
        for (var at = 0; at < count; at++)
        {
            var c = at % channels;
            sum[c] += (double)e[at] * sums[at] + pooled[at];
            sumXhat[c] += (double)e[at] * sums[count + at]
                + pooled[at] * Normalized(normalization, c, pictureMean.Floats()[at]);
        }
        return (sum, sumXhat);
    }

    public void ExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor excitation, ReadOnlyTensor residual, Tensor output)
    {
        var x = input.Floats();
        var e = excitation.Floats();
        var r = residual.Floats();
        var y = output.Floats();
        for (var i = 0; i < y.Length; i++)
            y[i] = (float)Activate((double)x[i] * e[PerPicture(i, input.Shape)] + r[i], ActivationKind.Relu);
    }

    // The output is itself, or its bits.
    private void ReluBackward(ReadOnlyTensor output, Tensor gradient)
    {
        if (output.Type != ElementType.UInt8)
        {
            ActivationBackward(output, ActivationKind.Relu, gradient);
            return;
        }
        var d = gradient.Floats();
        for (var i = 0; i < d.Length; i++)
        {
            if (!SignBits.IsSet(output, i))
                d[i] = 0;
        }
    }
}
