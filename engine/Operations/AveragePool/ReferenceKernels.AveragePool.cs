namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void AveragePoolForward(ReadOnlyTensor input, Tensor output)
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
                    var (bottom, right) = (Math.Min(2 * p + 2, x.Height), Math.Min(2 * q + 2, x.Width));
                    var share = 1.0 / ((bottom - 2 * p) * (right - 2 * q));
                    for (var h = 2 * p; h < bottom; h++)
                    {
                        for (var w = 2 * q; w < right; w++)
                            AddScaled(share, Pixel(input.Floats(), x, n, h, w), sums);
                    }
                    StoreRow(sums, accumulate: false, Pixel(output.Floats(), y, n, p, q));
                }
            }
        }
    }

    public void AveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient)
    {
        var (dx, dy) = (inputGradient.Shape, outputGradient.Shape);
        for (var n = 0; n < dx.Batch; n++)
        {
            for (var h = 0; h < dx.Height; h++)
            {
                for (var w = 0; w < dx.Width; w++)
                {
                    var rows = Math.Min(h / 2 * 2 + 2, dx.Height) - h / 2 * 2;
                    var columns = Math.Min(w / 2 * 2 + 2, dx.Width) - w / 2 * 2;
                    var source = Pixel(outputGradient.Floats(), dy, n, h / 2, w / 2);
                    var destination = Pixel(inputGradient.Floats(), dx, n, h, w);
                    for (var c = 0; c < destination.Length; c++)
                        Store(ref destination[c], (double)source[c] / (rows * columns), accumulate);
                }
            }
        }
    }
}
