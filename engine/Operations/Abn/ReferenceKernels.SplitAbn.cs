namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void AbnMoments(ReadOnlyTensor input, ReadOnlyTensor origin, Tensor moments, Tensor pictureMean)
    {
        var channels = input.Shape.Channels;
        var rows = moments.Floats();
        if (pictureMean.Exists)
            GlobalAveragePoolForward(input, pictureMean);
        for (var c = 0; c < channels; c++)
        {
            var own = Moments(input, c);
            rows[c] = (float)own.Count;
            rows[channels + c] = (float)(own.Mean - origin.Floats()[c]);
            rows[2 * channels + c] = (float)own.Squares;
        }
    }

    public void AbnMomentsNormalization(
        ReadOnlyTensor moments, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        for (var c = 0; c < weight.Count; c++)
        {
            var all = BatchMoments.OfProcesses(moments, c);
            var mean = runningMean.Floats()[c] + all.Mean;
            StoreStatistics(c, all with { Mean = mean }, weight, bias, epsilon, momentum, normalization, runningMean,
                runningVariance);
        }
    }

    public void AbnBackwardReduce(
        ReadOnlyTensor output, ReadOnlyTensor gradient, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var y = output.Floats();
        var dy = gradient.Floats();
        var channels = output.Shape.Channels;
        for (var c = 0; c < channels; c++)
        {
            var gamma = Math.Abs((double)weight.Floats()[c]) + epsilon;
            double sum = 0, sumXhat = 0;
            for (var i = c; i < y.Length; i += channels)
            {
                var (d, xhat) = InvertLeaky(y[i], dy[i], slope, bias.Floats()[c], gamma);
                sum += d;
                sumXhat += d * xhat;
            }
            StoreSums(c, sum, sumXhat, weight, moments, sums, weightGradient, biasGradient);
        }
    }

    public void AbnBackwardApply(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor sums, Tensor gradient)
    {
        var y = output.Floats();
        var dy = gradient.Floats();
        var shares = sums.Floats();
        var channels = output.Shape.Channels;
        for (var i = 0; i < y.Length; i++)
        {
            var c = i % channels;
            var gamma = Math.Abs((double)weight.Floats()[c]) + epsilon;
            var (d, xhat) = InvertLeaky(y[i], dy[i], slope, bias.Floats()[c], gamma);
            var share = shares[c] + xhat * shares[channels + c];
            dy[i] = (float)(normalization.Floats()[2 * channels + c] * (d - share));
        }
    }

    public void IdentityAbnBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var x = input.Floats();
        var d = gradient.Floats();
        var channels = input.Shape.Channels;
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, sumXhat = 0;
            for (var i = c; i < x.Length; i += channels)
            {
                sum += d[i];
                sumXhat += d[i] * Normalized(normalization, c, x[i]);
            }
            StoreSums(c, sum, sumXhat, weight, moments, sums, weightGradient, biasGradient);
        }
    }

    public void AbnResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor gradient, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        ReluBackward(output, gradient);
        IdentityAbnBackwardReduce(input, gradient, normalization, weight, moments, sums, weightGradient, biasGradient);
    }

    public void IdentityAbnBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor sums,
        Tensor inputGradient)
    {
        var d = gradient.Floats();
        var channels = input.Shape.Channels;
        for (var i = 0; i < d.Length; i++)
            inputGradient.Floats()[i] = InputGradient(i % channels, input.Floats()[i], d[i], normalization, sums);
    }

    public void AbnExciteBackwardSums(
        ReadOnlyTensor pictureSums, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient,
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor moments,
        Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var (sum, sumXhat) = ExciteSums(pictureSums, excitation, pooledGradient, pictureMean, normalization);
        for (var c = 0; c < sum.Length; c++)
            StoreSums(c, sum[c], sumXhat[c], weight, moments, sums, weightGradient, biasGradient);
    }

    public void AbnExciteBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor excitation,
        ReadOnlyTensor pooledGradient, ReadOnlyTensor sums, Tensor inputGradient)
    {
        var d = gradient.Floats();
        var e = excitation.Floats();
        var pooled = pooledGradient.Floats();
        var shape = input.Shape;
        for (var i = 0; i < d.Length; i++)
        {
            var at = PerPicture(i, shape);
            var da = (double)d[i] * e[at] + (double)pooled[at] / shape.PixelsPerPicture;
            inputGradient.Floats()[i] = InputGradient(i % shape.Channels, input.Floats()[i], da, normalization, sums);
        }
    }

    private static float InputGradient(int c, double x, double d, ReadOnlyTensor normalization, ReadOnlyTensor sums)
    {
        var rows = normalization.Floats();
        var shares = sums.Floats();
        var channels = normalization.Shape.Channels;
        var share = shares[c] + Normalized(normalization, c, x) * shares[channels + c];
        return (float)(rows[2 * channels + c] * (d - share));
    }

    private static void StoreSums(
        int c, double sum, double sumXhat, ReadOnlyTensor weight, ReadOnlyTensor moments, Tensor sums,
        Tensor weightGradient, Tensor biasGradient)
    {
        StoreAbnGradients(c, sum, sumXhat, weight, weightGradient, biasGradient);
        var pixels = BatchMoments.OfProcesses(moments, c).Count;
        sums.Floats()[c] = (float)(sum / pixels);
        sums.Floats()[sums.Shape.Channels + c] = (float)(sumXhat / pixels);
    }
}
