namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    // Weights of the 3x3 window: Filter[dy + 1] * Filter[dx + 1].
    private static readonly double[] BlurFilter = [0.25, 0.5, 0.25];

    public void BlurPoolForward(ReadOnlyTensor input, Tensor output)
    {
        var (x, y) = (input.Shape, output.Shape);
        var sums = new double[y.Channels];
        for (var n = 0; n < y.Batch; n++)
        {
            for (var p = 0; p < y.Height; p++)
            {
                for (var q = 0; q < y.Width; q++)
                {
                    Array.Clear(sums);
                    for (var tap = 0; tap < 9; tap++)
                    {
                        var (h, w) = (Reflect(2 * p + tap / 3 - 1, x.Height), Reflect(2 * q + tap % 3 - 1, x.Width));
                        AddScaled(BlurFilter[tap / 3] * BlurFilter[tap % 3], Pixel(input.Floats(), x, n, h, w), sums);
                    }
                    StoreRow(sums, accumulate: false, Pixel(output.Floats(), y, n, p, q));
                }
            }
        }
    }

    public void BlurPoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var (dx, dy) = (inputGradient.Shape, outputGradient.Shape);
        var picture = dx.PixelsPerPicture * dx.Channels;
        var sums = new double[picture];
        for (var n = 0; n < dx.Batch; n++)
        {
            Array.Clear(sums);
            for (var p = 0; p < dy.Height; p++)
            {
                for (var q = 0; q < dy.Width; q++)
                {
                    for (var tap = 0; tap < 9; tap++)
                    {
                        var (h, w) = (Reflect(2 * p + tap / 3 - 1, dx.Height), Reflect(2 * q + tap % 3 - 1, dx.Width));
                        var destination = sums.AsSpan((h * dx.Width + w) * dx.Channels, dx.Channels);
                        AddScaled(
                            BlurFilter[tap / 3] * BlurFilter[tap % 3],
                            Pixel(outputGradient.Floats(), dy, n, p, q), destination);
                    }
                }
            }
            StoreRow(sums, accumulate, inputGradient.Floats().Slice(n * picture, picture));
        }
    }

    // -1 is 1 and the extent is the extent - 2: the border pixel itself is not repeated.
    private static int Reflect(int position, int extent) =>
        position < 0 ? -position : position >= extent ? 2 * extent - 2 - position : position;
}
