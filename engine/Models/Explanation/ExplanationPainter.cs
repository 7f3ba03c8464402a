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
    private const int Gap = 12;
    private const int MostColumns = 4;
    private const int NarrowestCell = 120; // for the caption
    private const float RingRadius = 6;
    private const float Opacity = 0.8f; // where the map is highest: the picture still shows through

    /// <summary>
    /// The picture and its overlays, four in a row. Small pictures are enlarged (longer side to 256 pixels) and large
    /// ones reduced (to 512); the text grows with them.
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
        var unit = Math.Max(width, height) / (float)SmallestSide;
        using var font = EmbeddedFont.Create(14 * unit);
        using var small = EmbeddedFont.Create(12 * unit);
        var cell = Math.Max(width, (int)(NarrowestCell * unit));
        var columns = Math.Min(maps.Count + 1, MostColumns);
        var total = (columns * (cell + Gap)) + Gap;
        var heading = title is null ? [] : TextLines.Wrap(title, font, total - (2 * Gap), most: 2);
        var top = Gap + (int)MathF.Ceiling(heading.Count * 22 * unit);
        var captions = maps.Select((map, i) => new Caption(prediction.Labels[i], map, cell, font, small)).ToList();
        var captionHeight = captions.Select(caption => caption.Height(unit)).Append(0).Max();
        var rowHeight = height + Gap + (int)MathF.Ceiling(captionHeight);
        var rows = (maps.Count + columns) / columns;
        return Canvas.Draw(total, top + (rows * (rowHeight + Gap)), canvas =>
        {
            foreach (var (i, line) in heading.Index())
                Canvas.Text(canvas, line, Gap, Gap + (((i * 22) + 14) * unit), font, Canvas.Ink);
            for (var i = 0; i <= maps.Count; i++)
            {
                var frame = SKRect.Create(
                    Gap + (i % columns * (cell + Gap)), top + (i / columns * (rowHeight + Gap)), width, height);
                var place = Canvas.Picture(canvas, picture, frame);
                if (i == 0)
                    continue;
                PaintMap(canvas, maps[i - 1], place, unit);
                captions[i - 1].Draw(canvas, frame.Left, frame.Bottom, unit);
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

    /// <summary>Draws a map over a picture.</summary>
    /// <param name="canvas">The canvas.</param>
    /// <param name="map">The map; nothing is drawn where no place speaks for the class.</param>
    /// <param name="frame">Where the picture is, in whole pixels.</param>
    /// <param name="unit">Factor on the size of the ring.</param>
    internal static void PaintMap(SKCanvas canvas, ActivationMap map, SKRect frame, float unit = 1)
    {
        if (map.Peak is not { } peak)
            return;
        using var overlay = Overlay(map, (int)frame.Width, (int)frame.Height);
        canvas.DrawBitmap(overlay, frame.Left, frame.Top);
        var (x, y) = (frame.Left + (peak.X * frame.Width), frame.Top + (peak.Y * frame.Height));
        foreach (var (color, width) in new[] { (Canvas.Ink, 4f), (Canvas.Paper, 2f) })
        {
            using var ring = new SKPaint
            {
                Color = color,
                IsAntialias = true,
                Style = SKPaintStyle.Stroke,
                StrokeWidth = width * unit,
            };
            canvas.DrawCircle(x, y, RingRadius * unit, ring);
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

    /// <summary>
    /// The texts below an overlay: the attribute with what is to be noted, and its label with the probability.
    /// </summary>
    internal static (string Attribute, string Label) Captions(PredictedLabel label, ActivationMap map)
    {
        var note = map.Peak is null ? ": no place speaks for it" : "";
        var below = label.AboveThreshold is false ? ", below its threshold" : "";
        return ($"{label.Attribute}{note}{below}",
            $"{PredictionPainter.Percent(label.Confidence)}\u00A0\u00A0{PredictionPainter.ShortName(label)}");
    }

    // The texts below an overlay, each in three lines at most; faint if the label is below its threshold.
    private sealed class Caption
    {
        private const float FirstLine = 16, SecondLine = 19;

        private readonly IReadOnlyList<string> _first, _second;
        private readonly SKFont _font, _small;
        private readonly SKColor _colour;

        public Caption(PredictedLabel label, ActivationMap map, float width, SKFont font, SKFont small)
        {
            var (first, second) = Captions(label, map);
            (_font, _small) = (font, small);
            _first = TextLines.Wrap(first, small, width, most: 3);
            _second = TextLines.Wrap(second, font, width, most: 3);
            _colour = label.AboveThreshold is false ? Canvas.Faint : Canvas.Ink;
        }

        public float Height(float unit) => ((_first.Count * FirstLine) + (_second.Count * SecondLine)) * unit;

        public void Draw(SKCanvas canvas, float x, float y, float unit)
        {
            y += 4;
            foreach (var line in _first)
                Canvas.Text(canvas, line, x, (y += FirstLine * unit) - (3 * unit), _small, Canvas.Faint);
            foreach (var line in _second)
                Canvas.Text(canvas, line, x, (y += SecondLine * unit) - (3 * unit), _font, _colour);
        }
    }
}
