namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output)
    {
        var chunks = new PixelChunks(input.Shape);
        Sweep(
            new PictureScaleKernel(
                chunks, input.Pointer(), excitation.Pointer(), null, 0, accumulate: false, output.Pointer()),
            chunks.Count, chunks.Channels);
    }

    public void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient)
    {
        var chunks = new PixelChunks(input.Shape);
        var partials = Scratch.Floats(0, (long)chunks.Count * chunks.Channels);
        Sweep(
            new PictureSumKernel(chunks, input.Pointer(), outputGradient.Pointer(), partials), chunks.Count,
            chunks.Channels);
        CombinePictures(chunks, partials, 1, excitationGradient.Pointer());
    }

    public void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient)
    {
        var chunks = new PixelChunks(gradient.Shape);
        var share = 1f / chunks.PixelsPerPicture;
        Sweep(
            new PictureScaleKernel(
                chunks, gradient.Pointer(), excitation.Pointer(), pooledGradient.Pointer(), share, accumulate: false,
                gradient.Pointer()),
            chunks.Count, chunks.Channels);
    }
}
