using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

// What several operations share.
internal sealed unsafe partial class CpuKernels
{
    // 128 KiB of floats: large enough that handing a chunk out costs nothing, small enough to share among threads.
    private const int ElementwiseChunk = 32768;

    // A loss is summed in this many parts, for any number of threads: the sum does not depend on it.
    private const int LossChunks = 64;

    private static int ElementwiseChunks(long count) =>
        checked((int)((count + ElementwiseChunk - 1) / ElementwiseChunk));

    private static double InOrder(double* sums, int count)
    {
        var total = 0.0;
        for (var i = 0; i < count; i++)
            total += sums[i];
        return total;
    }

    // A matrix as pictures of one pixel: a linear layer is a 1x1 convolution over them.
    private static ReadOnlyTensor AsPixels(ReadOnlyTensor matrix) =>
        matrix.Reshape(new Shape(matrix.Shape[0], 1, 1, matrix.Shape[1]));

    private static Tensor AsPixels(Tensor matrix) => matrix.Reshape(new Shape(matrix.Shape[0], 1, 1, matrix.Shape[1]));

    // Sums per picture from those per chunk.
    private void CombinePictures(PixelChunks chunks, float* partials, double factor, float* destination)
    {
        var sums = Scratch.Doubles(1, chunks.Channels);
        for (var n = 0; n < chunks.Pictures; n++)
        {
            WideSums.Add(
                partials + (long)n * chunks.PerPicture * chunks.Channels, chunks.PerPicture, chunks.Channels, sums);
            for (var c = 0; c < chunks.Channels; c++)
                destination[(long)n * chunks.Channels + c] = (float)(sums[c] * factor);
        }
    }

    // y = x * factor[n] + share * addend[n] (+ y); without x or addend their terms are left out.
    private readonly struct PictureScaleKernel(
        PixelChunks chunks, float* x, float* factors, float* addends, float share, bool accumulate, float* y)
        : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var picture = (long)chunks.Picture(unit) * channels + channel;
            var factor = factors is null ? L.Splat(0) : L.Load(factors + picture);
            var addend = addends is null ? L.Splat(0) : L.Splat(share) * L.Load(addends + picture);
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
            {
                var value = x is null ? addend : L.MultiplyAdd(L.Load(x + at), factor, addend);
                L.Store(accumulate ? L.Load(y + at) + value : value, y + at);
            }
        }
    }

    // A chunk's sum of x * dy, or of x alone.
    private readonly struct PictureSumKernel(PixelChunks chunks, float* x, float* dy, float* partials) : IChannelKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<L>(int unit, int channel) where L : struct, ILanes<L>
        {
            var channels = chunks.Channels;
            var sum = L.Splat(0);
            var at = chunks.Offset(unit) + channel;
            for (var left = chunks.Pixels(unit); left > 0; left--, at += channels)
                sum = dy is null ? sum + L.Load(x + at) : L.MultiplyAdd(L.Load(x + at), L.Load(dy + at), sum);
            L.Store(sum, partials + (long)unit * channels + channel);
        }
    }
}
