using Flixstock.Engine;
using SkiaSharp;

namespace Flixstock.Tests;

/// <summary>A stored picture, turned as its EXIF orientation says.</summary>
internal static class TurnedPicture
{
    public static RgbPicture Of(RgbPicture stored, SKEncodedOrigin origin)
    {
        var upright = new PictureCollector();
        PictureOrientation.Give(stored, origin, upright);
        return upright.Picture;
    }
}
