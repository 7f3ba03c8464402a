using System.Globalization;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Draws a picture with the network's answer in a panel next to it: a line and a bar for each attribute.
/// </summary>
public static class PredictionPainter
{
    private const int SmallestSide = 320;
    private const int LargestSide = 1024;
    private const float Margin = 16;
    private const float RowHeight = 62;

    /// <summary>
    /// The annotated picture. Small pictures are enlarged (longer side to 320 pixels) and large ones reduced (to
    /// 1,024), so that the text can always be read; a thin strip keeps its proportions.
    /// </summary>
    /// <param name="picture">A picture of any size, even 1 x 1.</param>
    /// <param name="prediction">The labels to show.</param>
    /// <param name="title">A line above them, as the file's name; null: none.</param>
    /// <param name="annotated">For each attribute the name of the annotated class, shown next to the prediction, or
    /// null if unknown; null: nothing is known.</param>
    public static RgbPicture Paint(
        RgbPicture picture, Prediction prediction, string? title = null, IReadOnlyList<string?>? annotated = null)
    {
        using var bitmap = PictureWriter.ToBitmap(picture);
        return PaintOn(bitmap, prediction, title, annotated);
    }

    private static RgbPicture PaintOn(
        SKBitmap picture, Prediction prediction, string? title, IReadOnlyList<string?>? annotated)
    {
        var longer = Math.Max(picture.Width, picture.Height);
        var scale = Math.Clamp(longer, SmallestSide, LargestSide) / (float)longer;
        var width = Math.Max(1, (int)MathF.Round(picture.Width * scale));
        var height = Math.Max(1, (int)MathF.Round(picture.Height * scale));
        using var font = EmbeddedFont.Create(16);
        var panel = PanelWidth(prediction, title, annotated, font);
        var text = (2 * Margin) + (prediction.Labels.Count * RowHeight) + (title is null ? 0 : 34);
        var total = (int)Math.Ceiling(Math.Max(height, text));
        return Canvas.Draw(width + panel, total, canvas =>
        {
            using var mat = new SKPaint { Color = Canvas.Line };
            canvas.DrawRect(0, 0, width, total, mat);
            Canvas.Picture(canvas, picture, SKRect.Create(0, 0, width, total));
            PaintPanel(
                canvas, prediction, title, annotated, SKRect.Create(width, (total - text) / 2, panel, text), font);
        });
    }

    /// <summary>Decodes a picture's file, paints it and writes a PNG; the file is in memory once.</summary>
    /// <param name="path">The PNG to write.</param>
    /// <param name="sample">The picture.</param>
    /// <param name="exifRotate">Turn it as its EXIF orientation says.</param>
    /// <param name="prediction">The labels to show.</param>
    /// <param name="title">A line above them; null: none.</param>
    /// <exception cref="InputException">The picture cannot be read, or the folder cannot be written.</exception>
    public static void Save(string path, Sample sample, bool exifRotate, Prediction prediction, string? title = null)
    {
        using var picture = new BitmapSink();
        sample.Give(picture, exifRotate);
        PictureWriter.Write(path, PaintOn(picture.Bitmap, prediction, title, annotated: null));
    }

    private static void PaintPanel(
        SKCanvas canvas, Prediction prediction, string? title, IReadOnlyList<string?>? annotated,
        SKRect panel, SKFont font)
    {
        var y = panel.Top + Margin;
        var (left, width) = (panel.Left + Margin, panel.Width - (2 * Margin));
        if (title is not null)
        {
            using var small = EmbeddedFont.Create(13);
            Canvas.Text(canvas, title, left, y + 12, small, Canvas.Faint, width);
            y += 34;
        }
        for (var i = 0; i < prediction.Labels.Count; i++, y += RowHeight)
            PaintLabel(canvas, prediction.Labels[i], annotated?[i], left, y, width, font);
    }

    private static void PaintLabel(
        SKCanvas canvas, PredictedLabel label, string? annotated, float x, float y, float width, SKFont font)
    {
        using var small = EmbeddedFont.Create(12);
        var right = annotated is null ? (bool?)null : annotated == ShortName(label) || annotated == label.Label;
        var color = right switch { null => Canvas.Accent, true => Canvas.Good, false => Canvas.Bad };
        Canvas.Text(canvas, label.Attribute, x, y + 10, small, Canvas.Faint, width);
        if (right is false)
        {
            Canvas.Text(
                canvas, "labelled " + annotated, x + width, y + 10, small, Canvas.Bad,
                width - small.MeasureText(label.Attribute) - 8, SKTextAlign.Right);
        }
        var percent = Percent(label.Confidence);
        Canvas.Text(canvas, percent, x + width, y + 30, font, Canvas.Ink, align: SKTextAlign.Right);
        Canvas.Text(canvas, ShortName(label), x, y + 30, font, Canvas.Ink, width - font.MeasureText(percent) - 10);
        using var track = new SKPaint { Color = Canvas.Line, IsAntialias = true };
        using var bar = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawRoundRect(x, y + 38, width, 6, 3, 3, track);
        var share = float.IsFinite(label.Confidence) ? Math.Clamp(label.Confidence, 0, 1) : 0;
        canvas.DrawRoundRect(x, y + 38, Math.Max(6, width * share), 6, 3, 3, bar);
    }

    private static int PanelWidth(Prediction prediction, string? title, IReadOnlyList<string?>? annotated, SKFont font)
    {
        var widest = title is null ? 0 : Math.Min(280, font.MeasureText(title) * 13 / 16);
        for (var i = 0; i < prediction.Labels.Count; i++)
        {
            var label = prediction.Labels[i];
            widest = Math.Max(widest, font.MeasureText(ShortName(label)) + font.MeasureText("100 %") + 20);
            widest = Math.Max(
                widest,
                (font.MeasureText(label.Attribute) + font.MeasureText("  labelled " + annotated?[i])) * 12 / 16);
        }
        return (int)Math.Clamp(widest + (2 * Margin), 220, 460);
    }

    /// <summary>"Neck 3" stays, "Neck round" becomes "round": the attribute is drawn above it.</summary>
    internal static string ShortName(PredictedLabel label)
    {
        var prefix = label.Attribute + " ";
        var rest =
            label.Label.StartsWith(prefix, StringComparison.Ordinal) ? label.Label[prefix.Length..] : label.Label;
        return int.TryParse(rest, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? label.Label : rest;
    }

    /// <summary>A probability as text; what is no number is a question mark.</summary>
    internal static string Percent(float confidence) => float.IsFinite(confidence) ? $"{confidence * 100:0} %" : "?";
}
