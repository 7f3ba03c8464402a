namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void SpaceToDepthForward(ReadOnlyTensor input, int block, Tensor output)
    {
        var y = output.Floats();
        for (var i = 0; i < y.Length; i++)
        {
            var source = SpaceToDepthSource(i, block, input.Shape, output.Shape);
            y[i] = input.Type == ElementType.UInt8 ? input.Elements<byte>()[source] / 255f : input.Floats()[source];
        }
    }

    public void SpaceToDepthBackward(ReadOnlyTensor outputGradient, int block, bool accumulate, Tensor inputGradient)
    {
        var dy = outputGradient.Floats();
        var dx = inputGradient.Floats();
        for (var i = 0; i < dy.Length; i++)
            Store(ref dx[SpaceToDepthSource(i, block, inputGradient.Shape, outputGradient.Shape)], dy[i], accumulate);
    }

    // Index of the input element that becomes element i of the output.
    private static int SpaceToDepthSource(int i, int block, Shape input, Shape output)
    {
        var (channel, pixel) = (i % output.Channels, i / output.Channels);
        var (n, p, q) = (pixel / output.PixelsPerPicture, pixel / output.Width % output.Height, pixel % output.Width);
        var (dy, dx, c) =
            (channel / input.Channels / block, channel / input.Channels % block, channel % input.Channels);
        return ((n * input.Height + p * block + dy) * input.Width + q * block + dx) * input.Channels + c;
    }
}
