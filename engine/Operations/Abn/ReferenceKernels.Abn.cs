namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void AbnStatistics(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance, Tensor pictureMean)
    {
        if (pictureMean.Exists)
            GlobalAveragePoolForward(input, pictureMean);
        for (var c = 0; c < input.Shape.Channels; c++)
        {
            StoreStatistics(c, Moments(input, c), weight, bias, epsilon, momentum, normalization, runningMean,
                runningVariance);
        }
    }

    public void AbnSumsNormalization(
        ReadOnlyTensor sums, long pixels, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        for (var c = 0; c < weight.Count; c++)
        {
            StoreStatistics(
                c, BatchMoments.OfSums(sums, c, pixels), weight, bias, epsilon, momentum, normalization, runningMean,
                runningVariance);
        }
    }

    private static BatchMoments Moments(ReadOnlyTensor input, int c)
    {
        var x = input.Floats();
        var (channels, pixels) = (input.Shape.Channels, input.Shape.Pixels);
        double mean = 0, squares = 0;
        for (var i = c; i < x.Length; i += channels)
            mean += x[i];
        mean /= pixels;
        for (var i = c; i < x.Length; i += channels)
            squares += (x[i] - mean) * (x[i] - mean);
        return new BatchMoments(pixels, mean, squares);
    }

    private static void StoreStatistics(
        int c, in BatchMoments batch, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        var (mean, variance, pixels) = (batch.Mean, batch.Squares / batch.Count, batch.Count);
        Normalize(normalization, c, mean, variance, weight.Floats()[c], bias.Floats()[c], epsilon);
        ref var runningM = ref runningMean.Floats()[c];
        ref var runningV = ref runningVariance.Floats()[c];
        runningM = (float)((1.0 - momentum) * runningM + momentum * mean);
        runningV = (float)((1.0 - momentum) * runningV + momentum * variance * pixels / (pixels - 1));
    }

    public void AbnRunningStatistics(
        ReadOnlyTensor runningMean, ReadOnlyTensor runningVariance, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, Tensor normalization)
    {
        for (var c = 0; c < weight.Count; c++)
        {
            Normalize(
                normalization, c, runningMean.Floats()[c], runningVariance.Floats()[c], weight.Floats()[c],
                bias.Floats()[c], epsilon);
        }
    }

    public void AbnApply(ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output)
    {
        var x = input.Floats();
        var y = output.Floats();
        var channels = input.Shape.Channels;
        for (var i = 0; i < y.Length; i++)
        {
            var z = ScaleAndShift(normalization, i % channels, x[i]);
            y[i] = (float)(z >= 0 ? z : slope * z);
        }
    }

    public void AbnBackward(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon,
        float slope, bool batchStatistics, Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var y = output.Floats();
        var dy = gradient.Floats();
        var channels = output.Shape.Channels;
        var pixels = output.Shape.Pixels;
        for (var c = 0; c < channels; c++)
        {
            var gamma = Math.Abs((double)weight.Floats()[c]) + epsilon;
            var scale = (double)normalization.Floats()[2 * channels + c];
            double sum = 0, sumXhat = 0;
            for (var i = c; i < y.Length; i += channels)
            {
                var (d, xhat) = InvertLeaky(y[i], dy[i], slope, bias.Floats()[c], gamma);
                sum += d;
                sumXhat += d * xhat;
            }
            for (var i = c; i < y.Length; i += channels)
            {
                var (d, xhat) = InvertLeaky(y[i], dy[i], slope, bias.Floats()[c], gamma);
                dy[i] = (float)(scale * (batchStatistics ? d - sum / pixels - xhat * sumXhat / pixels : d));
            }
            StoreAbnGradients(c, sum, sumXhat, weight, weightGradient, biasGradient);
        }
    }

    public void IdentityAbnBackward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics,
        Tensor gradient, Tensor weightGradient, Tensor biasGradient) =>
        IdentityAbnGradients(
            input, gradient, normalization, weight, batchStatistics, gradient, weightGradient, biasGradient);

    // From d, the gradient by z, that by x; d may lie in dx's memory, and so may x.
    private static void IdentityAbnGradients(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        bool batchStatistics, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var x = input.Floats();
        var d = gradient.Floats();
        var dx = inputGradient.Floats();
        var channels = input.Shape.Channels;
        var pixels = input.Shape.Pixels;
        for (var c = 0; c < channels; c++)
        {
            double sum = 0, sumXhat = 0;
            for (var i = c; i < x.Length; i += channels)
            {
                sum += d[i];
                sumXhat += d[i] * Normalized(normalization, c, x[i]);
            }
            var scale = (double)normalization.Floats()[2 * channels + c];
            for (var i = c; i < x.Length; i += channels)
            {
                dx[i] = (float)(scale * (batchStatistics
                    ? d[i] - sum / pixels - Normalized(normalization, c, x[i]) * sumXhat / pixels
                    : d[i]));
            }
            StoreAbnGradients(c, sum, sumXhat, weight, weightGradient, biasGradient);
        }
    }

    private static void Normalize(
        Tensor normalization, int c, double mean, double variance, double weight, double bias, double epsilon)
    {
        var rows = normalization.Floats();
        var channels = normalization.Shape.Channels;
        var inverseDeviation = 1 / Math.Sqrt(variance + epsilon);
        var scale = (Math.Abs(weight) + epsilon) * inverseDeviation;
        rows[c] = (float)mean;
        rows[channels + c] = (float)inverseDeviation;
        rows[2 * channels + c] = (float)scale;
        rows[3 * channels + c] = (float)(bias - mean * scale);
    }

    private static double ScaleAndShift(ReadOnlyTensor normalization, int c, double x)
    {
        var rows = normalization.Floats();
        var channels = normalization.Shape.Channels;
        return rows[2 * channels + c] * x + rows[3 * channels + c];
    }

    private static double Normalized(ReadOnlyTensor normalization, int c, double x)
    {
        var rows = normalization.Floats();
        var channels = normalization.Shape.Channels;
        return (x - rows[c]) * rows[channels + c];
    }

    private static (double Gradient, double Normalized) InvertLeaky(
        double y, double dy, double slope, double bias, double gamma) =>
        y >= 0 ? (dy, (y - bias) / gamma) : (slope * dy, (y / slope - bias) / gamma);

    // gamma = |weight| + eps; at weight 0 the published implementation takes the derivative +1.
    private static void StoreAbnGradients(
        int c, double sum, double sumXhat, ReadOnlyTensor weight, Tensor weightGradient, Tensor biasGradient)
    {
        weightGradient.Floats()[c] = (float)(weight.Floats()[c] < 0 ? -sumXhat : sumXhat);
        biasGradient.Floats()[c] = (float)sum;
    }
}
