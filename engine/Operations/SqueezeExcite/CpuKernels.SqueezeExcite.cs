using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

public sealed unsafe partial class CpuKernels
{
    public void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output)
    {
        var chunks = new PixelChunks(input.Shape);
        Sweep(new PictureScaleKernel(chunks, input.Pointer(), excitation.Pointer(), null, 0, accumulate: false, output.Pointer()), chunks.Count, chunks.Channels);
    }

    public void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var partials = Scratch.Floats(0, (long)chunks.Count * chunks.Channels);
        Sweep(new PictureSumKernel(chunks, input.Pointer(), outputGradient.Pointer(), partials), chunks.Count, chunks.Channels);
        CombinePictures(chunks, partials, 1, excitationGradient.Pointer());
    }

    public void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient)
    {
        var chunks = new PixelChunks(gradient.Shape);
        var share = 1f / chunks.PixelsPerPicture;
        Sweep(new PictureScaleKernel(chunks, gradient.Pointer(), excitation.Pointer(), pooledGradient.Pointer(), share, accumulate: false, gradient.Pointer()), chunks.Count, chunks.Channels);
    }

    // Sums per picture from those per chunk.
    private void CombinePictures(PixelChunks chunks, float* partials, double factor, float* destination)
    {
        var sums = Scratch.Doubles(1, chunks.Channels);
        for (var n = 0; n < chunks.Pictures; n++)
        {
            WideSums.Add(partials + (long)n * chunks.PerPicture * chunks.Channels, chunks.PerPicture, chunks.Channels, sums);
            for (var c = 0; c < chunks.Channels; c++)
                destination[(long)n * chunks.Channels + c] = (float)(sums[c] * factor);
        }
    }

    // y = x * factor[n] + share * addend[n] (+ y); without x or addend their terms are left out.
    private readonly struct PictureScaleKernel(PixelChunks chunks, float* x, float* factors, float* addends, float share, bool accumulate, float* y) : IChannelKernel
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
