using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void AbnResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs) =>
        AbnExciteResidualRelu(
            input, normalization, ReadOnlyTensor.None, residual, residualNormalization, output, signs);

    public void AbnExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor normalization, ReadOnlyTensor excitation, ReadOnlyTensor residual,
        ReadOnlyTensor residualNormalization, Tensor output, Tensor signs)
    {
        var chunks = new PixelChunks(input.Shape);
        var kernel = new ResidualReluKernel(
            chunks, input.Pointer(), normalization.Pointer(), excitation.Pointer(), residual.Pointer(),
            residualNormalization.Pointer(), output.Pointer());
        Sweep(kernel, chunks.Count, chunks.Channels);
        SignBits.Write(output, signs);
    }

    public void ExciteResidualRelu(
        ReadOnlyTensor input, ReadOnlyTensor excitation, ReadOnlyTensor residual, Tensor output) =>
        AbnExciteResidualRelu(
            input, ReadOnlyTensor.None, excitation, residual, ReadOnlyTensor.None, output, signs: Tensor.None);

    public void AbnResidualReluBackward(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        bool batchStatistics, Tensor gradient, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var channels = chunks.Channels;
        var partials = Scratch.Floats(0, 2L * chunks.Count * channels);
        Sweep(
            new ResidualReduceKernel(
                chunks, input.Pointer(), Positives(output), normalization.Pointer(), gradient.Pointer(), partials),
            chunks.Count, channels);
        var coefficients = AbnCoefficients(
            chunks, partials, normalization, normalization.Pointer() + channels, weight, batchStatistics,
            weightGradient, biasGradient);
        var kernel = new ResidualGradientKernel(
            chunks, input.Pointer(), gradient.Pointer(), normalization.Pointer(), coefficients, null, null,
            inputGradient.Pointer());
        Sweep(kernel, chunks.Count, channels);
    }

    public void AbnExciteResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, Tensor gradient, Tensor sums,
        Tensor excitationGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var channels = chunks.Channels;
        var partials = Scratch.Floats(0, 2L * chunks.Count * channels);
        Sweep(
            new ResidualReduceKernel(
                chunks, input.Pointer(), Positives(output), normalization.Pointer(), gradient.Pointer(), partials),
            chunks.Count, channels);
        var wide = Scratch.Doubles(1, 2L * channels);
        for (var n = 0; n < chunks.Pictures; n++)
        {
            WideSums.Add(partials + 2L * n * chunks.PerPicture * channels, chunks.PerPicture, 2 * channels, wide);
            var at = (long)n * channels;
            StorePictureSums(
                channels, wide, normalization.Pointer(), sums.Pointer() + at,
                sums.Pointer() + excitationGradient.Count + at, excitationGradient.Pointer() + at);
        }
    }

    public void AbnExciteResidualReluBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, ReadOnlyTensor pictureMean, ReadOnlyTensor sums,
        bool batchStatistics, Tensor inputGradient, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var channels = chunks.Channels;
        var wide = Scratch.Doubles(1, 2L * channels);
        SumPictures(excitation, pooledGradient, pictureMean, sums, normalization.Pointer(), wide);
        var coefficients = Scratch.Floats(3, 3L * channels);
        StoreAbnCoefficients(
            channels, wide, (long)chunks.Pictures * chunks.PixelsPerPicture, normalization,
            normalization.Pointer() + channels, weight, batchStatistics, weightGradient, biasGradient, coefficients);
        var kernel = new ResidualGradientKernel(
            chunks, input.Pointer(), gradient.Pointer(), normalization.Pointer(), coefficients, excitation.Pointer(),
            pooledGradient.Pointer(), inputGradient.Pointer());
        Sweep(kernel, chunks.Count, channels);
    }

    // Above 0 where the ReLU let through: the output, or what its bits say. No step of this device keeps bits.
    private float* Positives(ReadOnlyTensor output)
    {
        if (output.Type != ElementType.UInt8)
            return output.Pointer();
        var values = Scratch.Floats(4, SignBits.BitsOfByte * output.Count);
        for (long i = 0; i < SignBits.BitsOfByte * output.Count; i++)
            values[i] = SignBits.IsSet(output, i) ? 1 : 0;
        return values;
    }

    // From sum d and sum d * (x - mean): sum d, sum d * xhat, sum d * (scale * x + shift).
    private static void StorePictureSums(
        int channels, double* wide, float* normalization, float* sum, float* sumXhat, float* sumMain)
    {
        for (var c = 0; c < channels; c++)
        {
            var (mean, inverseDeviation, scale, shift) = (
                (double)normalization[c], normalization[channels + c], normalization[2 * channels + c],
                normalization[3 * channels + c]);
            sum[c] = (float)wide[c];
            sumXhat[c] = (float)(wide[channels + c] * inverseDeviation);
            sumMain[c] = (float)(scale * wide[channels + c] + (scale * mean + shift) * wide[c]);
        }
    }

    // sum da and sum da * (x - mean) over all pictures, da = d * excitation + pooledGradient / pixels.
    private static void SumPictures(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient,
        ReadOnlyTensor pictureMean, ReadOnlyTensor sums, float* normalization, double* wide)
    {
        var (pictures, channels) = (excitation.Shape[0], excitation.Shape.Channels);
        new Span<double>(wide, 2 * channels).Clear();
        for (var n = 0; n < pictures; n++)
        {
            for (var c = 0; c < channels; c++)
            {
                var at = (long)n * channels + c;
                var (factor, pooled) = ((double)excitation.Pointer()[at], (double)pooledGradient.Pointer()[at]);
                wide[c] += factor * sums.Pointer()[at] + pooled;
                wide[channels + c] += factor * sums.Pointer()[excitation.Count + at] / normalization[channels + c]
                    + pooled * ((double)pictureMean.Pointer()[at] - normalization[c]);
            }
        }
    }

    // y = max((scale * x + shift) * excitation + residual's scale * r + residual's shift, 0); what is absent is 1 or 0.
    private readonly struct ResidualReluKernel(
        PixelChunks chunks, float* x, float* normalization, float* excitations, float* residual,
        float* residualNormalization, float* y) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var (scale, shift) = (Row<L>(normalization, 2, channel, 1), Row<L>(normalization, 3, channel, 0));
            var (otherScale, otherShift) =
                (Row<L>(residualNormalization, 2, channel, 1), Row<L>(residualNormalization, 3, channel, 0));
            var excitation = excitations is null
                ? L.Splat(1)
                : L.Load(excitations + (long)chunks.Picture(unit) * channels + channel);
            (scale, shift) = (scale * excitation, L.MultiplyAdd(shift, excitation, otherShift));
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var z = L.MultiplyAdd(scale, L.Load(x + at), L.MultiplyAdd(otherScale, L.Load(residual + at), shift));
                L.Store(L.Maximum(L.Splat(0), z), y + at);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private L Row<L>(float* rows, int row, int channel, float absent) where L : struct, ILanes<L> =>
            rows is null ? L.Splat(absent) : L.Load(rows + row * chunks.Channels + channel);
    }

    // d over dy; a chunk's sum d and sum d * (x - mean).
    private readonly struct ResidualReduceKernel(
        PixelChunks chunks, float* x, float* y, float* normalization, float* gradients, float* partials)
        : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var mean = L.Load(normalization + channel);
            var (sum, sumProduct) = (L.Splat(0), L.Splat(0));
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var d = L.WherePositive(L.Load(y + at), L.Load(gradients + at), L.Splat(0));
                L.Store(d, gradients + at);
                sum += d;
                sumProduct = L.MultiplyAdd(d, L.Load(x + at) - mean, sumProduct);
            }
            L.Store(sum, partials + 2L * unit * channels + channel);
            L.Store(sumProduct, partials + (2L * unit + 1) * channels + channel);
        }
    }

    // dx = row0 * (d * excitation + pooled / pixels) + row1 * (x - mean) + row2 of the coefficients.
    private readonly struct ResidualGradientKernel(
        PixelChunks chunks, float* x, float* gradients, float* normalization, float* coefficients, float* excitations,
        float* pooled, float* dx) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var mean = L.Load(normalization + channel);
            var factor = L.Load(coefficients + channel);
            var (slant, level) =
                (L.Load(coefficients + channels + channel), L.Load(coefficients + 2 * channels + channel));
            if (excitations is not null)
            {
                var picture = (long)chunks.Picture(unit) * channels + channel;
                level = L.MultiplyAdd(factor, L.Load(pooled + picture) * L.Splat(1f / chunks.PixelsPerPicture), level);
                factor *= L.Load(excitations + picture);
            }
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var difference = L.Load(x + at) - mean;
                L.Store(
                    L.MultiplyAdd(factor, L.Load(gradients + at), L.MultiplyAdd(slant, difference, level)), dx + at);
            }
        }
    }
}
