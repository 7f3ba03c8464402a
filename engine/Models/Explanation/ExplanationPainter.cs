using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Draws where a network saw each label: the picture, then for each label the picture below its map. The map's colour
/// and opacity follow its value, from nothing (0) to light yellow (the map's own largest value), and a ring marks the
/// highest place.
/// </summary>
public static class ExplanationPainter
{
    private const int SmallestSide = 256, LargestSide = 512;
    private const int Gap = 12, Caption = 44, TitleHeight = 30;
    private const int MostColumns = 4;
    private const int NarrowestCell = 120; // for the caption
    private const float Opacity = 0.8f; // where the map is highest: the picture still shows through

    /// <summary>
    /// The picture and its overlays, four in a row. Small pictures are enlarged (longer side to 256 pixels) and large
    /// ones reduced (to 512).
    /// </summary>
    /// <param name="picture">The picture as it was decoded, of any size.</param>
    /// <param name="prediction">Labels with their maps.</param>
    /// <param name="title">A line above everything, as the file's name; null: none.</param>
    /// <exception cref="ArgumentException">The prediction has no maps.</exception>
    public static RgbPicture Paint(RgbPicture picture, Prediction prediction, string? title = null)
    {
        using var bitmap = PictureWriter.ToBitmap(picture);
        return PaintOn(bitmap, prediction, title);
    }

    /// <summary>Decodes a picture's file, paints it and writes a PNG or JPEG; the file is in memory once.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="sample">The picture.</param>
    /// <param name="exifRotate">Turn it as its EXIF orientation says, as for the prediction.</param>
    /// <param name="prediction">Labels with their maps.</param>
    /// <param name="title">A line above everything; null: none.</param>
    /// <exception cref="InputException">The picture cannot be read, or the folder cannot be written.</exception>
    public static void Save(string path, Sample sample, bool exifRotate, Prediction prediction, string? title = null)
    {
        using var picture = new BitmapSink();
        sample.Give(picture, exifRotate);
        PictureWriter.Write(path, PaintOn(picture.Bitmap, prediction, title));
    }

    private static RgbPicture PaintOn(SKBitmap picture, Prediction prediction, string? title)
    {
        var maps = prediction.Maps ?? throw new ArgumentException("the prediction has no maps", nameof(prediction));
        var (width, height) = ShownSize(picture);
        var cell = Math.Max(width, NarrowestCell);
        var columns = Math.Min(maps.Count + 1, MostColumns);
        var top = title is null ? Gap : Gap + TitleHeight;
        var rows = (maps.Count + columns) / columns;
        return Canvas.Draw((columns * (cell + Gap)) + Gap, top + (rows * (height + Caption + Gap)), canvas =>
        {
            using var font = EmbeddedFont.Create(14);
            if (title is not null)
                Canvas.Text(canvas, title, Gap, Gap + 16, font, Canvas.Ink, columns * cell);
            for (var i = 0; i <= maps.Count; i++)
            {
                var frame = SKRect.Create(
                    Gap + (i % columns * (cell + Gap)), top + (i / columns * (height + Caption + Gap)), width, height);
                Canvas.Picture(canvas, picture, frame);
                if (i == 0)
                    continue;
                PaintMap(canvas, maps[i - 1], frame);
                PaintCaption(canvas, prediction.Labels[i - 1], maps[i - 1], frame.Left, frame.Bottom, cell, font);
            }
        });
    }

    private static (int Width, int Height) ShownSize(SKBitmap picture)
    {
        var longer = Math.Max(picture.Width, picture.Height);
        var scale = Math.Clamp(longer, SmallestSide, LargestSide) / (float)longer;
        return (Math.Max(1, (int)MathF.Round(picture.Width * scale)),
            Math.Max(1, (int)MathF.Round(picture.Height * scale)));
    }

    private static void PaintMap(SKCanvas canvas, ActivationMap map, SKRect frame)
    {
        if (map.Peak is not { } peak)
            return;
        using var overlay = Overlay(map, (int)frame.Width, (int)frame.Height);
        canvas.DrawBitmap(overlay, frame.Left, frame.Top);
        var (x, y) = (frame.Left + (peak.X * frame.Width), frame.Top + (peak.Y * frame.Height));
        foreach (var (color, width) in new[] { (Canvas.Ink, 4f), (Canvas.Paper, 2f) })
        {
            using var ring =
                new SKPaint { Color = color, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = width };
            canvas.DrawCircle(x, y, 6, ring);
        }
    }

    /// <summary>The map in colours at a picture's size; opacity is proportional to the value.</summary>
    internal static SKBitmap Overlay(ActivationMap map, int width, int height)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        var pixels = bitmap.GetPixelSpan();
        var (row, scale) = (new float[width], 1 / map.Largest);
        for (var y = 0; y < height; y++)
        {
            map.Row(y, height, row);
            for (var x = 0; x < width; x++)
            {
                var share = row[x] * scale;
                var (colour, at) = (ColourScale.Of(share), (y * bitmap.RowBytes) + (x * 4));
                (pixels[at], pixels[at + 1], pixels[at + 2]) = (colour.Red, colour.Green, colour.Blue);
                pixels[at + 3] = (byte)MathF.Round(255 * Opacity * Math.Clamp(share, 0, 1));
            }
        }
        return bitmap;
    }

    private static void PaintCaption(
        SKCanvas canvas, PredictedLabel label, ActivationMap map, float x, float y, float width, SKFont font)
    {
        using var small = EmbeddedFont.Create(12);
        var (first, second) = Captions(label, map);
        Canvas.Text(canvas, first, x, y + 15, small, Canvas.Faint, width);
        Canvas.Text(canvas, second, x, y + 34, font, Canvas.Ink, width);
    }

    /// <summary>The two lines below an overlay: the attribute, and its label with the probability.</summary>
    internal static (string Attribute, string Label) Captions(PredictedLabel label, ActivationMap map)
    {
        var note = map.Peak is null ? ": no place speaks for it" : "";
        return ($"{label.Attribute}{note}",
            $"{PredictionPainter.Percent(label.Confidence)}  {PredictionPainter.ShortName(label)}");
    }
}
