using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>The common parts of the drawings: surfaces, text that fits, pictures in a frame.</summary>
internal static class Canvas
{
    public static readonly SKColor Paper = SKColors.White;
    public static readonly SKColor Ink = new(32, 36, 44);
    public static readonly SKColor Faint = new(120, 128, 140);
    public static readonly SKColor Line = new(222, 226, 232);
    public static readonly SKColor Mat = new(244, 245, 247);
    public static readonly SKColor Accent = new(38, 110, 190);
    public static readonly SKColor Good = new(40, 140, 80);
    public static readonly SKColor Bad = new(196, 70, 52);

    public static RgbPicture Draw(int width, int height, Action<SKCanvas> draw)
    {
        NativeLibraryCheck.RequireSkia();
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(Paper);
            draw(canvas);
        }
        var picture = new RgbPicture(width, height);
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < width * height; i++)
            pixels.Slice(i * 4, 3).CopyTo(picture.Pixels.AsSpan(i * 3, 3));
        return picture;
    }

    /// <summary>Text with its baseline at y; the middle of one that is wider than the width is left out.</summary>
    public static void Text(
        SKCanvas canvas, string text, float x, float y, SKFont font, SKColor color, float width = float.MaxValue,
        SKTextAlign align = SKTextAlign.Left)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawText(TextLines.Shorten(text, font, width), x, y, align, font, paint);
    }

    /// <summary>
    /// The picture as large as fits the frame with its proportions kept, in the middle; small ones keep their pixels
    /// visible.
    /// </summary>
    /// <returns>Where it is, in whole pixels.</returns>
    public static SKRect Picture(SKCanvas canvas, RgbPicture picture, SKRect frame)
    {
        using var bitmap = PictureWriter.ToBitmap(picture);
        return Picture(canvas, bitmap, frame);
    }

    /// <summary>Same as the other overload, but the picture must not change afterwards.</summary>
    public static SKRect Picture(SKCanvas canvas, SKBitmap picture, SKRect frame)
    {
        picture.SetImmutable(); // else the image would be a copy
        using var image = SKImage.FromBitmap(picture);
        var scale = Math.Min(frame.Width / picture.Width, frame.Height / picture.Height);
        var (width, height) = (
            Math.Max(1, MathF.Round(picture.Width * scale)), Math.Max(1, MathF.Round(picture.Height * scale)));
        var place = SKRect.Create(
            MathF.Round(frame.MidX - (width / 2)), MathF.Round(frame.MidY - (height / 2)), width, height);
        var sampling = scale > 1
            ? new SKSamplingOptions(SKCubicResampler.Mitchell)
            : new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear);
        using var paint = new SKPaint { IsAntialias = true };
        canvas.DrawImage(image, place, sampling, paint);
        return place;
    }
}
