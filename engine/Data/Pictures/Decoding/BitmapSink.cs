using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Collects a picture as Skia draws it, outside of the heap.</summary>
internal sealed class BitmapSink : IPictureSink, IDisposable
{
    private int _row;

    /// <summary>The picture, once its last row has come.</summary>
    public SKBitmap Bitmap { get; private set; } = null!;

    public void Begin(int width, int height) =>
        Bitmap = new SKBitmap(
            new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque, colorspace: null));

    public void Row(ReadOnlySpan<byte> rgb)
    {
        var pixels = Bitmap.GetPixelSpan().Slice(_row++ * Bitmap.RowBytes, Bitmap.Width * 4);
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
        {
            (pixels[to], pixels[to + 1], pixels[to + 2], pixels[to + 3]) =
                (rgb[from], rgb[from + 1], rgb[from + 2], 255);
        }
    }

    public void Dispose() => Bitmap?.Dispose();
}
