namespace Flixstock.Engine;

/// <summary>Projective maps of the plane as nine numbers, row by row (Heckbert, 1989).</summary>
internal static class PerspectiveMap
{
    /// <summary>
    /// The map of the unit square's corners (0,0) (1,0) (1,1) (0,1) to four points x0 y0 x1 y1 x2 y2 x3 y3.
    /// </summary>
    public static double[] SquareTo(ReadOnlySpan<double> corners)
    {
        var (x0, y0, x1, y1) = (corners[0], corners[1], corners[2], corners[3]);
        var (x2, y2, x3, y3) = (corners[4], corners[5], corners[6], corners[7]);
        var (dx1, dy1, dx2, dy2) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
        var (sumX, sumY) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        var determinant = (dx1 * dy2) - (dx2 * dy1);
        var g = ((sumX * dy2) - (dx2 * sumY)) / determinant;
        var h = ((dx1 * sumY) - (sumX * dy1)) / determinant;
        return [x1 - x0 + (g * x1), x3 - x0 + (h * x3), x0, y1 - y0 + (g * y1), y3 - y0 + (h * y3), y0, g, h, 1];
    }

    /// <summary>
    /// The same map taking pixel centres of a picture that covers the unit square, instead of points of the square.
    /// </summary>
    public static double[] OfPixels(double[] map, int width, int height)
    {
        var result = new double[9];
        for (var row = 0; row < 9; row += 3)
        {
            // u = (x + 0.5) / width, v = (y + 0.5) / height
            result[row] = map[row] / width;
            result[row + 1] = map[row + 1] / height;
            result[row + 2] = map[row + 2] + (map[row] * 0.5 / width) + (map[row + 1] * 0.5 / height);
        }
        for (var i = 0; i < 3; i++)
        {
            // Pixel centres of the source lie at whole numbers: half a pixel back.
            result[i] -= 0.5 * result[6 + i];
            result[3 + i] -= 0.5 * result[6 + i];
        }
        return result;
    }
}
