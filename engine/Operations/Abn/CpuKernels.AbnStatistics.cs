using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    private const int StatisticsBlock = 64;

    public void AbnStatistics(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, float epsilon, float momentum,
        Tensor normalization, Tensor runningMean, Tensor runningVariance, Tensor pictureMean)
    {
        var parts = Statistics(input, pictureMean);
        var finish = new StatisticsFinish(parts, epsilon, momentum, weight, bias, normalization, runningMean,
            runningVariance);
        Workers.Run(ref finish, (input.Shape.Channels + StatisticsBlock - 1) / StatisticsBlock);
    }

    private StatisticsParts Statistics(ReadOnlyTensor input, Tensor pictureMean)
    {
        var chunks = new PixelChunks(input.Shape);
        var partials = Scratch.Floats(0, 3L * chunks.Count * chunks.Channels);
        Sweep(new StatisticsKernel(chunks, input.Pointer(), partials), chunks.Count, chunks.Channels);
        return new StatisticsParts(chunks, partials, pictureMean);
    }

    private static void Average(float* running, double batch, float momentum) =>
        *running = (float)((1.0 - momentum) * *running + momentum * batch);

    // A chunk's rows of partials: its mean m, sum (x - m), sum (x - m)^2. Two passes over a chunk, the second from the
    // cache, so that nothing cancels if the mean is far larger than the deviation; the sum of (x - m) is m's own
    // rounding error.
    private readonly struct StatisticsKernel(PixelChunks chunks, float* x, float* partials) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var (channels, pixels) = (chunks.Channels, chunks.Pixels(unit));
            var first = x + chunks.Offset(unit) + channel;
            var total = L.Splat(0);
            var source = first;
            for (var left = pixels; left > 0; left--, source += channels)
                total += L.Load(source);
            var mean = total * L.Splat(1f / pixels);
            var (sum, squares) = (L.Splat(0), L.Splat(0));
            source = first;
            for (var left = pixels; left > 0; left--, source += channels)
            {
                var difference = L.Load(source) - mean;
                sum += difference;
                squares = L.MultiplyAdd(difference, difference, squares);
            }
            var row = partials + 3L * unit * channels + channel;
            L.Store(mean, row);
            L.Store(sum, row + channels);
            L.Store(squares, row + 2 * channels);
        }
    }

    // Puts the chunks together in double: sum (x - mean)^2 = sum over chunks of squares + 2 * (m - mean) * sum + pixels
    // * (m - mean)^2.
    private readonly struct StatisticsParts(PixelChunks chunks, float* partials, Tensor pictureMean)
    {
        public int Channels => chunks.Channels;

        public double Pixels => (double)chunks.Pictures * chunks.PixelsPerPicture;

        /// <summary>Means and variances of the channels of a block.</summary>
        /// <returns>Number of the block's first channel, and how many it has.</returns>
        public (int From, int Count) Block(int block, double* means, double* variances)
        {
            var from = block * StatisticsBlock;
            var count = Math.Min(StatisticsBlock, chunks.Channels - from);
            Means(from, count, means);
            Variances(from, count, means, variances);
            return (from, count);
        }

        private void Means(int from, int count, double* means)
        {
            new Span<double>(means, count).Clear();
            var picture = stackalloc double[StatisticsBlock];
            for (var n = 0; n < chunks.Pictures; n++)
            {
                new Span<double>(picture, count).Clear();
                for (var unit = n * chunks.PerPicture; unit < (n + 1) * chunks.PerPicture; unit++)
                {
                    var row = partials + 3L * unit * chunks.Channels + from;
                    var pixels = (double)chunks.Pixels(unit);
                    for (var i = 0; i < count; i++)
                        picture[i] += pixels * row[i] + row[chunks.Channels + i];
                }
                for (var i = 0; i < count; i++)
                {
                    means[i] += picture[i];
                    if (pictureMean.Exists)
                    {
                        pictureMean.Pointer()[(long)n * chunks.Channels + from + i] =
                            (float)(picture[i] / chunks.PixelsPerPicture);
                    }
                }
            }
            for (var i = 0; i < count; i++)
                means[i] /= (double)chunks.Pictures * chunks.PixelsPerPicture;
        }

        private void Variances(int from, int count, double* means, double* variances)
        {
            new Span<double>(variances, count).Clear();
            for (var unit = 0; unit < chunks.Count; unit++)
            {
                var row = partials + 3L * unit * chunks.Channels + from;
                var pixels = (double)chunks.Pixels(unit);
                for (var i = 0; i < count; i++)
                {
                    var offset = row[i] - means[i];
                    variances[i] += row[2 * chunks.Channels + i]
                        + offset * (2 * row[chunks.Channels + i] + pixels * offset);
                }
            }
            for (var i = 0; i < count; i++)
                variances[i] = Math.Max(variances[i] / ((double)chunks.Pictures * chunks.PixelsPerPicture), 0);
        }
    }

    private readonly struct StatisticsFinish(
        StatisticsParts parts, float epsilon, float momentum, ReadOnlyTensor weight, ReadOnlyTensor bias,
        Tensor normalization, Tensor runningMean, Tensor runningVariance) : IChunkedWork
    {
        public void Execute(int chunk)
        {
            var means = stackalloc double[StatisticsBlock];
            var variances = stackalloc double[StatisticsBlock];
            var (from, count) = parts.Block(chunk, means, variances);
            var pixels = parts.Pixels;
            for (var i = 0; i < count; i++)
            {
                var c = from + i;
                Normalize(normalization.Pointer() + c, parts.Channels, means[i], variances[i], weight.Pointer()[c],
                    bias.Pointer()[c], epsilon);
                Average(runningMean.Pointer() + c, means[i], momentum);
                Average(runningVariance.Pointer() + c, variances[i] * pixels / (pixels - 1), momentum);
            }
        }
    }
}
