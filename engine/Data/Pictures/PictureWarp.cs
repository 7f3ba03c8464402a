namespace Flixstock.Engine;

/// <summary>The colour beyond a picture's edge.</summary>
internal enum PictureBorder
{
    /// <summary>Mirrored without repeating the edge pixel: dcb|abcd|cba (OpenCV's reflect-101).</summary>
    Reflect,
    /// <summary>Black.</summary>
    Black,
}

/// <summary>
/// Draws a picture through a projective map, bilinear. Pixel centres lie at whole numbers, as in OpenCV.
/// </summary>
internal static class PictureWarp
{
    /// <summary>
    /// The result's pixel (x, y) is the source's at (m0 x + m1 y + m2, m3 x + m4 y + m5) / (m6 x + m7 y + m8).
    /// </summary>
    public static RgbPicture Apply(RgbPicture source, ReadOnlySpan<double> map, PictureBorder border)
    {
        var result = new RgbPicture(source.Width, source.Height);
        for (var y = 0; y < result.Height; y++)
        {
            for (var x = 0; x < result.Width; x++)
            {
                var depth = (map[6] * x) + (map[7] * y) + map[8];
                var sourceX = ((map[0] * x) + (map[1] * y) + map[2]) / depth;
                var sourceY = ((map[3] * x) + (map[4] * y) + map[5]) / depth;
                Sample(source, sourceX, sourceY, border, result.Pixels.AsSpan(((y * result.Width) + x) * 3, 3));
            }
        }
        return result;
    }

    /// <summary>Mirrors an index into 0 ... length - 1.</summary>
    public static int Reflect(int index, int length)
    {
        if (length == 1)
            return 0;
        var period = 2 * (length - 1);
        index = Math.Abs(index) % period;
        return index < length ? index : period - index;
    }

    private static void Sample(RgbPicture source, double x, double y, PictureBorder border, Span<byte> pixel)
    {
        var left = (int)Math.Floor(x);
        var top = (int)Math.Floor(y);
        var (right, down) = ((float)(x - left), (float)(y - top));
        var a = Pixel(source, left, top, border);
        var b = Pixel(source, left + 1, top, border);
        var c = Pixel(source, left, top + 1, border);
        var d = Pixel(source, left + 1, top + 1, border);
        for (var channel = 0; channel < 3; channel++)
        {
            var upper = a[channel] + (right * (b[channel] - a[channel]));
            var lower = c[channel] + (right * (d[channel] - c[channel]));
            pixel[channel] = (byte)(upper + (down * (lower - upper)) + 0.5f);
        }
    }

    private static ReadOnlySpan<byte> Pixel(RgbPicture source, int x, int y, PictureBorder border)
    {
        if ((uint)x >= (uint)source.Width || (uint)y >= (uint)source.Height)
        {
            if (border == PictureBorder.Black)
                return [0, 0, 0];
            (x, y) = (Reflect(x, source.Width), Reflect(y, source.Height));
        }
        return source.Pixels.AsSpan(((y * source.Width) + x) * 3, 3);
    }
}
