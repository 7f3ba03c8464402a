namespace Flixstock.Engine;

/// <summary>The processor's side of the self-tests: loops that can be checked by reading.</summary>
internal static class PlainLoops
{
    /// <summary>A[m, k] * B[k, n].</summary>
    public static double[] Product(float[] a, float[] b, int m, int n, int k)
    {
        var c = new double[m * n];
        for (var row = 0; row < m; row++)
        {
            for (var column = 0; column < n; column++)
            {
                for (var i = 0; i < k; i++)
                    c[(row * n) + column] += (double)a[(row * k) + i] * b[(i * n) + column];
            }
        }
        return c;
    }

    /// <summary>
    /// 3x3, stride 1, padding 1; x [batch, size, size, channels], w [channels, 3, 3, channels], y as x.
    /// </summary>
    public static double[] Convolution(float[] x, float[] w, int batch, int size, int channels)
    {
        var y = new double[x.Length];
        for (var i = 0; i < y.Length; i++)
        {
            var (pixel, output) = Math.DivRem(i, channels);
            var (image, row, column) = (pixel / (size * size), pixel / size % size, pixel % size);
            for (var tap = 0; tap < 9; tap++)
            {
                var (r, c) = (row + (tap / 3) - 1, column + (tap % 3) - 1);
                if (r < 0 || r >= size || c < 0 || c >= size)
                    continue;
                for (var input = 0; input < channels; input++)
                {
                    y[i] += (double)x[(((((image * size) + r) * size) + c) * channels) + input]
                        * w[(((output * 9) + tap) * channels) + input];
                }
            }
        }
        return y;
    }
}
