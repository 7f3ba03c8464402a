namespace Flixstock.Engine;

internal sealed unsafe partial class CpuKernels
{
    public void GlobalAveragePoolForward(ReadOnlyTensor input, Tensor output)
    {
        var chunks = new PixelChunks(input.Shape);
        var partials = Scratch.Floats(0, (long)chunks.Count * chunks.Channels);
        Sweep(new PictureSumKernel(chunks, input.Pointer(), null, partials), chunks.Count, chunks.Channels);
        CombinePictures(chunks, partials, 1.0 / chunks.PixelsPerPicture, output.Pointer());
    }

    public void GlobalAveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var chunks = new PixelChunks(inputGradient.Shape);
        var share = 1f / chunks.PixelsPerPicture;
        Sweep(
            new PictureScaleKernel(
                chunks, null, null, outputGradient.Pointer(), share, accumulate, inputGradient.Pointer()),
            chunks.Count, chunks.Channels);
    }
}
