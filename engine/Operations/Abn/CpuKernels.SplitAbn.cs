namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void AbnMoments(ReadOnlyTensor input, ReadOnlyTensor origin, Tensor moments, Tensor pictureMean)
    {
        var finish = new MomentsFinish(Statistics(input, pictureMean), origin, moments);
        Workers.Run(ref finish, (input.Shape.Channels + StatisticsBlock - 1) / StatisticsBlock);
    }

    public void AbnMomentsNormalization(
        ReadOnlyTensor moments, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        for (var c = 0; c < weight.Count; c++)
        {
            var all = BatchMoments.OfProcesses(moments, c);
            Keep(c, all with { Mean = runningMean.Pointer()[c] + all.Mean }, weight, bias, epsilon, momentum,
                normalization, runningMean, runningVariance);
        }
    }

    public void AbnSumsNormalization(
        ReadOnlyTensor sums, long pixels, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        for (var c = 0; c < weight.Count; c++)
        {
            Keep(c, BatchMoments.OfSums(sums, c, pixels), weight, bias, epsilon, momentum, normalization, runningMean,
                runningVariance);
        }
    }

    private static void Keep(
        int c, in BatchMoments batch, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance)
    {
        Normalize(normalization.Pointer() + c, (int)weight.Count, batch.Mean, batch.Squares / batch.Count,
            weight.Pointer()[c], bias.Pointer()[c], epsilon);
        Average(runningMean.Pointer() + c, batch.Mean, momentum);
        Average(runningVariance.Pointer() + c, batch.Squares / (batch.Count - 1), momentum);
    }

    public void AbnBackwardReduce(
        ReadOnlyTensor output, ReadOnlyTensor gradient, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(output.Shape);
        var inverseGamma = InverseGamma(weight, epsilon);
        var partials = Scratch.Floats(0, 2L * chunks.Count * chunks.Channels);
        Sweep(new LeakyReduceKernel(chunks, output.Pointer(), gradient.Pointer(), bias.Pointer(), slope, partials),
            chunks.Count, chunks.Channels);
        StoreAbnSums(chunks, partials, inverseGamma, weight, moments, sums, weightGradient, biasGradient);
    }

    public void AbnBackwardApply(
        ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor bias,
        float epsilon, float slope, ReadOnlyTensor sums, Tensor gradient)
    {
        var chunks = new PixelChunks(output.Shape);
        var coefficients = AbnCoefficients(sums, normalization, InverseGamma(weight, epsilon));
        var kernel = new LeakyGradientKernel(chunks, output.Pointer(), bias.Pointer(), slope, coefficients,
            gradient.Pointer());
        Sweep(kernel, chunks.Count, chunks.Channels);
    }

    public void IdentityAbnBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var mean = normalization.Pointer();
        var partials = Scratch.Floats(0, 2L * chunks.Count * chunks.Channels);
        Sweep(new LeakyReduceKernel(chunks, input.Pointer(), gradient.Pointer(), mean, slope: 1, partials),
            chunks.Count, chunks.Channels);
        StoreAbnSums(chunks, partials, mean + chunks.Channels, weight, moments, sums, weightGradient, biasGradient);
    }

    public void AbnResidualReluBackwardReduce(
        ReadOnlyTensor input, ReadOnlyTensor output, ReadOnlyTensor normalization, ReadOnlyTensor weight,
        ReadOnlyTensor moments, Tensor gradient, Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var rows = normalization.Pointer();
        var partials = Scratch.Floats(0, 2L * chunks.Count * chunks.Channels);
        Sweep(new ResidualReduceKernel(chunks, input.Pointer(), output.Pointer(), rows, gradient.Pointer(), partials),
            chunks.Count, chunks.Channels);
        StoreAbnSums(chunks, partials, rows + chunks.Channels, weight, moments, sums, weightGradient, biasGradient);
    }

    public void IdentityAbnBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor sums,
        Tensor inputGradient) =>
        AbnExciteBackwardApply(input, gradient, normalization, ReadOnlyTensor.None, ReadOnlyTensor.None, sums,
            inputGradient);

    public void AbnExciteBackwardSums(
        ReadOnlyTensor pictureSums, ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient,
        ReadOnlyTensor pictureMean, ReadOnlyTensor normalization, ReadOnlyTensor weight, ReadOnlyTensor moments,
        Tensor sums, Tensor weightGradient, Tensor biasGradient)
    {
        var channels = excitation.Shape.Channels;
        var wide = Scratch.Doubles(1, 2L * channels);
        SumPictures(excitation, pooledGradient, pictureMean, pictureSums, normalization.Pointer(), wide);
        StoreAbnSums(wide, normalization.Pointer() + channels, weight, moments, sums, weightGradient, biasGradient);
    }

    public void AbnExciteBackwardApply(
        ReadOnlyTensor input, ReadOnlyTensor gradient, ReadOnlyTensor normalization, ReadOnlyTensor excitation,
        ReadOnlyTensor pooledGradient, ReadOnlyTensor sums, Tensor inputGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var rows = normalization.Pointer();
        var coefficients = AbnCoefficients(sums, normalization, rows + chunks.Channels);
        var kernel = new ResidualGradientKernel(chunks, input.Pointer(), gradient.Pointer(), rows, coefficients,
            excitation.Pointer(), pooledGradient.Pointer(), inputGradient.Pointer());
        Sweep(kernel, chunks.Count, chunks.Channels);
    }

    private void StoreAbnSums(
        PixelChunks chunks, float* partials, float* inverse, ReadOnlyTensor weight, ReadOnlyTensor moments, Tensor sums,
        Tensor weightGradient, Tensor biasGradient)
    {
        var wide = Scratch.Doubles(1, 2L * chunks.Channels);
        WideSums.Add(partials, chunks.Count, 2 * chunks.Channels, wide);
        StoreAbnSums(wide, inverse, weight, moments, sums, weightGradient, biasGradient);
    }

    // From sum d and sum d * (z - centre), with xhat = (z - centre) * inverse.
    private static void StoreAbnSums(
        double* wide, float* inverse, ReadOnlyTensor weight, ReadOnlyTensor moments, Tensor sums, Tensor weightGradient,
        Tensor biasGradient)
    {
        var channels = (int)weight.Count;
        for (var c = 0; c < channels; c++)
        {
            var (sum, sumXhat) = (wide[c], wide[channels + c] * inverse[c]);
            StoreAbnGradients(c, sum, sumXhat, weight, weightGradient, biasGradient);
            var pixels = BatchMoments.OfProcesses(moments, c).Count;
            sums.Pointer()[c] = (float)(sum / pixels);
            sums.Pointer()[channels + c] = (float)(sumXhat / pixels);
        }
    }

    // Three rows such that dx = row0 * d + row1 * (z - centre) + row2.
    private float* AbnCoefficients(ReadOnlyTensor sums, ReadOnlyTensor normalization, float* inverse)
    {
        var channels = sums.Shape.Channels;
        var shares = sums.Pointer();
        var scale = normalization.Pointer() + 2 * channels;
        var coefficients = Scratch.Floats(3, 3L * channels);
        for (var c = 0; c < channels; c++)
        {
            coefficients[c] = scale[c];
            coefficients[channels + c] = (float)(-(double)scale[c] * shares[channels + c] * inverse[c]);
            coefficients[2 * channels + c] = (float)(-(double)scale[c] * shares[c]);
        }
        return coefficients;
    }

    private readonly struct MomentsFinish(StatisticsParts parts, ReadOnlyTensor origin, Tensor moments) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var means = stackalloc double[StatisticsBlock];
            var variances = stackalloc double[StatisticsBlock];
            var (from, count) = parts.Block(chunk, means, variances);
            for (var i = 0; i < count; i++)
            {
                var c = from + i;
                var row = moments.Pointer() + from + i;
                row[0] = (float)parts.Pixels;
                row[parts.Channels] = (float)(means[i] - origin.Pointer()[c]);
                row[2 * parts.Channels] = (float)(variances[i] * parts.Pixels);
            }
        }
    }
}
