namespace Flixstock.Engine;

internal sealed partial class ReferenceKernels
{
    public void ConvolutionForward(
        ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, Tensor output) =>
        ConvolutionFolded(input, weight, ReadOnlyTensor.None, ReadOnlyTensor.None, geometry, slope: 1, output);

    public void ConvolutionFolded(
        ReadOnlyTensor input, ReadOnlyTensor weight, ReadOnlyTensor bias, ReadOnlyTensor residual,
        ConvolutionGeometry geometry, float slope, Tensor output)
    {
        var y = output.Shape;
        for (var n = 0; n < y.Batch; n++)
        {
            for (var p = 0; p < y.Height; p++)
            {
                for (var q = 0; q < y.Width; q++)
                {
                    var destination = Pixel(output.Floats(), y, n, p, q);
                    for (var k = 0; k < y.Channels; k++)
                    {
                        var z = WindowSum(input, weight, geometry, n, p, q, k);
                        if (bias.Exists)
                            z += bias.Floats()[k];
                        if (residual.Exists)
                            z += Pixel(residual.Floats(), y, n, p, q)[k];
                        destination[k] = (float)(z >= 0 ? z : slope * z);
                    }
                }
            }
        }
    }

    public void ConvolutionBackwardData(
        ReadOnlyTensor outputGradient, ReadOnlyTensor weight, ConvolutionGeometry geometry, bool accumulate,
        Tensor inputGradient)
    {
        var (dx, dy, w) = (inputGradient.Shape, outputGradient.Shape, weight.Shape);
        var sums = new double[dx.Channels];
        for (var n = 0; n < dx.Batch; n++)
        {
            for (var h = 0; h < dx.Height; h++)
            {
                for (var column = 0; column < dx.Width; column++)
                {
                    Array.Clear(sums);
                    for (var r = 0; r < w[1]; r++)
                    {
                        for (var s = 0; s < w[2]; s++)
                        {
                            var (p, q) = (h + geometry.Padding - r, column + geometry.Padding - s);
                            if (p < 0 || q < 0 || p % geometry.Stride != 0 || q % geometry.Stride != 0)
                                continue;
                            (p, q) = (p / geometry.Stride, q / geometry.Stride);
                            if (p >= dy.Height || q >= dy.Width)
                                continue;
                            var gradient = Pixel(outputGradient.Floats(), dy, n, p, q);
                            for (var k = 0; k < w[0]; k++)
                                AddScaled(gradient[k], Pixel(weight.Floats(), w, k, r, s), sums);
                        }
                    }
                    StoreRow(sums, accumulate, Pixel(inputGradient.Floats(), dx, n, h, column));
                }
            }
        }
    }

    public void ConvolutionBackwardWeight(
        ReadOnlyTensor input, ReadOnlyTensor outputGradient, ConvolutionGeometry geometry, Tensor weightGradient)
    {
        var (x, dy, dw) = (input.Shape, outputGradient.Shape, weightGradient.Shape);
        var sums = new double[dw.Channels];
        for (var k = 0; k < dw[0]; k++)
        {
            for (var r = 0; r < dw[1]; r++)
            {
                for (var s = 0; s < dw[2]; s++)
                {
                    Array.Clear(sums);
                    for (var pixel = 0; pixel < dy.Pixels; pixel++)
                    {
                        var (n, p, q) = (pixel / dy.PixelsPerPicture, pixel / dy.Width % dy.Height, pixel % dy.Width);
                        var (h, column) =
                            (p * geometry.Stride + r - geometry.Padding, q * geometry.Stride + s - geometry.Padding);
                        if (h >= 0 && h < x.Height && column >= 0 && column < x.Width)
                        {
                            AddScaled(
                                outputGradient.Floats()[pixel * dy.Channels + k],
                                Pixel(input.Floats(), x, n, h, column), sums);
                        }
                    }
                    StoreRow(sums, accumulate: false, Pixel(weightGradient.Floats(), dw, k, r, s));
                }
            }
        }
    }

    private static double WindowSum(
        ReadOnlyTensor input, ReadOnlyTensor weight, ConvolutionGeometry geometry, int n, int p, int q, int k)
    {
        var (x, w) = (input.Shape, weight.Shape);
        double sum = 0;
        for (var r = 0; r < w[1]; r++)
        {
            var h = p * geometry.Stride + r - geometry.Padding;
            if (h < 0 || h >= x.Height)
                continue;
            for (var s = 0; s < w[2]; s++)
            {
                var column = q * geometry.Stride + s - geometry.Padding;
                if (column >= 0 && column < x.Width)
                    sum += Dot(Pixel(input.Floats(), x, n, h, column), Pixel(weight.Floats(), w, k, r, s));
            }
        }
        return sum;
    }
}
