namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void GlobalAveragePoolForward(ReadOnlyTensor input, Tensor output)
    {
        var (pixels, channels) = (input.Shape.PixelsPerPicture, input.Shape.Channels);
        var sums = new double[channels];
        for (var n = 0; n < input.Shape.Batch; n++)
        {
            Array.Clear(sums);
            for (var pixel = 0; pixel < pixels; pixel++)
                AddScaled(1, input.Floats().Slice((n * pixels + pixel) * channels, channels), sums);
            for (var c = 0; c < channels; c++)
                output.Floats()[n * channels + c] = (float)(sums[c] / pixels);
        }
    }

    public void GlobalAveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var (pixels, channels) = (inputGradient.Shape.PixelsPerPicture, inputGradient.Shape.Channels);
        var dy = outputGradient.Floats();
        var dx = inputGradient.Floats();
        for (var i = 0; i < dx.Length; i++)
        {
            var n = i / (pixels * channels);
            Store(ref dx[i], (double)dy[n * channels + i % channels] / pixels, accumulate);
        }
    }
}
