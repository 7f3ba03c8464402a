using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>The eight orientations of EXIF.</summary>
internal static class PictureOrientation
{
    /// <summary>The rows of the upright picture, one after the other.</summary>
    public static void Give(RgbPicture picture, SKEncodedOrigin origin, IPictureSink sink)
    {
        var swapped = origin >= SKEncodedOrigin.LeftTop;
        var (width, height) = swapped ? (picture.Height, picture.Width) : (picture.Width, picture.Height);
        var row = new byte[width * 3];
        sink.Begin(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (sourceX, sourceY) = Source(origin, x, y, picture.Width - 1, picture.Height - 1);
                picture.Pixels.AsSpan(((sourceY * picture.Width) + sourceX) * 3, 3).CopyTo(row.AsSpan(x * 3));
            }
            sink.Row(row);
        }
    }

    /// <summary>
    /// Position of the upright picture's pixel (x, y) in the stored one, whose last column and row are given.
    /// </summary>
    private static (int X, int Y) Source(SKEncodedOrigin origin, int x, int y, int lastX, int lastY) => origin switch
    {
        SKEncodedOrigin.TopRight => (lastX - x, y),
        SKEncodedOrigin.BottomRight => (lastX - x, lastY - y),
        SKEncodedOrigin.BottomLeft => (x, lastY - y),
        SKEncodedOrigin.LeftTop => (y, x),
        SKEncodedOrigin.RightTop => (y, lastY - x),
        SKEncodedOrigin.RightBottom => (lastX - y, lastY - x),
        SKEncodedOrigin.LeftBottom => (lastX - y, x),
        _ => (x, y),
    };
}
