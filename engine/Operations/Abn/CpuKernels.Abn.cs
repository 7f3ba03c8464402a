using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void AbnRunningStatistics(
        ReadOnlyTensor runningMean, ReadOnlyTensor runningVariance, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, Tensor normalization)
    {
        var channels = (int)weight.Count;
        for (var c = 0; c < channels; c++)
        {
            Normalize(normalization.Pointer() + c, channels, runningMean.Pointer()[c], runningVariance.Pointer()[c],
                weight.Pointer()[c], bias.Pointer()[c], epsilon);
        }
    }

    public void AbnApply(ReadOnlyTensor input, ReadOnlyTensor normalization, float slope, Tensor output)
    {
        var chunks = new PixelChunks(input.Shape);
        Sweep(
            new AbnApplyKernel(chunks, input.Pointer(), normalization.Pointer(), slope, output.Pointer()), chunks.Count,
            chunks.Channels);
    }

    public void AbnBackward(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon,
        float slope, bool batchStatistics, Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(output.Shape);
        var channels = chunks.Channels;
        var inverseGamma = InverseGamma(weight, epsilon);
        var partials = Scratch.Floats(0, 2L * chunks.Count * channels);
        Sweep(
            new LeakyReduceKernel(chunks, output.Pointer(), gradient.Pointer(), bias.Pointer(), slope, partials),
            chunks.Count, channels);
        var coefficients = AbnCoefficients(
            chunks, partials, normalization, inverseGamma, weight, batchStatistics, weightGradient, biasGradient);
        Sweep(
            new LeakyGradientKernel(chunks, output.Pointer(), bias.Pointer(), slope, coefficients, gradient.Pointer()),
            chunks.Count, channels);
    }

    public void IdentityAbnBackward(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor weight, bool batchStatistics,
        Tensor gradient, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var channels = chunks.Channels;
        var mean = normalization.Pointer();
        var inverseDeviation = mean + channels;
        var partials = Scratch.Floats(0, 2L * chunks.Count * channels);
        // Slope 1 inverts nothing: z is x, d is dy, and the mean takes the place of the bias.
        Sweep(
            new LeakyReduceKernel(chunks, input.Pointer(), gradient.Pointer(), mean, slope: 1, partials),
            chunks.Count, channels);
        var coefficients = AbnCoefficients(
            chunks, partials, normalization, inverseDeviation, weight, batchStatistics, weightGradient, biasGradient);
        Sweep(
            new LeakyGradientKernel(chunks, input.Pointer(), mean, slope: 1, coefficients, gradient.Pointer()),
            chunks.Count, channels);
    }

    // From a chunk's sum d and sum d * (z - centre), with xhat = (z - centre) * inverse: the gradients of weight and
    // bias, and three rows such that dx = row0 * d + row1 * (z - centre) + row2.
    private float* AbnCoefficients(
        PixelChunks chunks, float* partials, ReadOnlyTensor normalization, float* inverse, ReadOnlyTensor weight,
        bool batchStatistics, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = chunks.Channels;
        var sums = Scratch.Doubles(1, 2L * channels);
        WideSums.Add(partials, chunks.Count, 2 * channels, sums);
        var coefficients = Scratch.Floats(3, 3L * channels);
        StoreAbnCoefficients(
            channels, sums, (long)chunks.Pictures * chunks.PixelsPerPicture, normalization, inverse, weight,
            batchStatistics, weightGradient, biasGradient, coefficients);
        return coefficients;
    }

    private static void StoreAbnCoefficients(
        int channels, double* sums, long pixels, ReadOnlyTensor normalization, float* inverse, ReadOnlyTensor weight,
        bool batchStatistics, Tensor weightGradient, Tensor biasGradient, float* coefficients)
    {
        var scale = normalization.Pointer() + 2 * channels;
        for (var c = 0; c < channels; c++)
        {
            var (sum, sumXhat) = (sums[c], sums[channels + c] * inverse[c]);
            StoreAbnGradients(c, sum, sumXhat, weight, weightGradient, biasGradient);
            coefficients[c] = scale[c];
            coefficients[channels + c] = batchStatistics ? (float)(-scale[c] * sumXhat / pixels * inverse[c]) : 0;
            coefficients[2 * channels + c] = batchStatistics ? (float)(-scale[c] * sum / pixels) : 0;
        }
    }

    // At weight 0 the published implementation takes the derivative +1.
    private static void StoreAbnGradients(
        int c, double sum, double sumXhat, ReadOnlyTensor weight, Tensor weightGradient, Tensor biasGradient)
    {
        weightGradient.Pointer()[c] = (float)(weight.Pointer()[c] < 0 ? -sumXhat : sumXhat);
        biasGradient.Pointer()[c] = (float)sum;
    }

    private float* InverseGamma(ReadOnlyTensor weight, float epsilon)
    {
        var channels = (int)weight.Count;
        var inverseGamma = Scratch.Floats(2, channels);
        for (var c = 0; c < channels; c++)
            inverseGamma[c] = (float)(1 / (Math.Abs((double)weight.Pointer()[c]) + epsilon));
        return inverseGamma;
    }

    // One channel's column of a normalization.
    private static void Normalize(
        float* column, int channels, double mean, double variance, double weight, double bias, double epsilon)
    {
        var inverseDeviation = 1 / Math.Sqrt(variance + epsilon);
        var scale = (Math.Abs(weight) + epsilon) * inverseDeviation;
        column[0] = (float)mean;
        column[channels] = (float)inverseDeviation;
        column[2 * channels] = (float)scale;
        column[3 * channels] = (float)(bias - mean * scale);
    }

    private readonly struct AbnApplyKernel(PixelChunks chunks, float* x, float* normalization, float slope, float* y)
        : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var (scale, shift) =
                (L.Load(normalization + 2 * channels + channel), L.Load(normalization + 3 * channels + channel));
            var negative = L.Splat(slope);
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var z = L.MultiplyAdd(scale, L.Load(x + at), shift);
                L.Store(L.WhereNotNegative(z, z, negative * z), y + at);
            }
        }
    }

    private readonly struct LeakyReduceKernel(
        PixelChunks chunks, float* y, float* dy, float* centres, float slope, float* partials) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var (negative, centre) = (L.Splat(slope), L.Load(centres + channel));
            var (sum, sumProduct) = (L.Splat(0), L.Splat(0));
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var (value, gradient) = (L.Load(y + at), L.Load(dy + at));
                var z = L.WhereNotNegative(value, value, value / negative);
                var d = L.WhereNotNegative(value, gradient, gradient * negative);
                sum += d;
                sumProduct = L.MultiplyAdd(d, z - centre, sumProduct);
            }
            L.Store(sum, partials + 2L * unit * channels + channel);
            L.Store(sumProduct, partials + (2L * unit + 1) * channels + channel);
        }
    }

    private readonly struct LeakyGradientKernel(
        PixelChunks chunks, float* y, float* centres, float slope, float* coefficients, float* gradients)
        : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var (negative, centre) = (L.Splat(slope), L.Load(centres + channel));
            var factor = L.Load(coefficients + channel);
            var (slant, level) =
                (L.Load(coefficients + channels + channel), L.Load(coefficients + 2 * channels + channel));
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var (value, gradient) = (L.Load(y + at), L.Load(gradients + at));
                var z = L.WhereNotNegative(value, value, value / negative);
                var d = L.WhereNotNegative(value, gradient, gradient * negative);
                L.Store(L.MultiplyAdd(factor, d, L.MultiplyAdd(slant, z - centre, level)), gradients + at);
            }
        }
    }
}
