using System.Globalization;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Draws a picture with the network's answer in a panel next to it: for each attribute its labels, with a bar of their
/// probability on which a tick marks the threshold. What is below its threshold is faint and says so.
/// </summary>
public static class PredictionPainter
{
    private const int SmallestSide = 320, LargestSide = 2048;
    private const float UnitSide = 720; // of a longer side up to it the text is 16 pixels high, then it grows

    /// <summary>
    /// The annotated picture. Small pictures are enlarged (longer side to 320 pixels) and large ones reduced (to
    /// 2,048); a thin strip keeps its proportions. The text grows with the picture, so that it can be read when the
    /// whole is shown on a screen. The page is as high as the labels need.
    /// </summary>
    /// <param name="picture">A picture of any size, even 1 x 1.</param>
    /// <param name="prediction">The labels to show; of more than 20 of one attribute the first ones, and how many
    /// others there are.</param>
    /// <param name="title">A line above them, as the file's name; null: none.</param>
    /// <param name="annotated">For each label the name of the annotated class, which is marked as the same or shown
    /// next to the prediction, or null if unknown; null: nothing is known.</param>
    public static RgbPicture Paint(
        RgbPicture picture, Prediction prediction, string? title = null, IReadOnlyList<string?>? annotated = null)
    {
        using var bitmap = PictureWriter.ToBitmap(picture);
        return PaintOn(bitmap, prediction, title, annotated);
    }

    /// <summary>Decodes a picture's file, paints it and writes a PNG or JPEG; the file is in memory once.</summary>
    /// <param name="path">The file to write.</param>
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

    private static RgbPicture PaintOn(
        SKBitmap picture, Prediction prediction, string? title, IReadOnlyList<string?>? annotated)
    {
        var longer = Math.Max(picture.Width, picture.Height);
        var drawn = Math.Clamp(longer, SmallestSide, LargestSide);
        var scale = drawn / (float)longer;
        var width = Math.Max(1, (int)MathF.Round(picture.Width * scale));
        var height = Math.Max(1, (int)MathF.Round(picture.Height * scale));
        var unit = Math.Max(1, drawn / UnitSide); // pixels
        using var panel = new PredictionPanel(prediction, title, annotated, Math.Max(height, drawn * 0.75f) / unit);
        var text = panel.Height * unit;
        var total = Math.Max(height, (int)MathF.Ceiling(text));
        return Canvas.Draw(width + (int)MathF.Ceiling(panel.Width * unit), total, canvas =>
        {
            using var mat = new SKPaint { Color = Canvas.Mat };
            canvas.DrawRect(0, 0, width, total, mat);
            Canvas.Picture(canvas, picture, SKRect.Create(0, 0, width, total));
            panel.Draw(canvas, width, (total - text) / 2, unit);
        });
    }

    /// <summary>"Neck 3" stays, "Neck round" becomes "round": the attribute is drawn above it.</summary>
    internal static string ShortName(PredictedLabel label)
    {
        var prefix = label.Attribute + " ";
        var rest =
            label.Label.StartsWith(prefix, StringComparison.Ordinal) ? label.Label[prefix.Length..] : label.Label;
        return int.TryParse(rest, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? label.Label : rest;
    }

    /// <summary>A probability as text that is in one line; what is no number is a question mark.</summary>
    internal static string Percent(float confidence) =>
        float.IsFinite(confidence) ? $"{confidence * 100:0}\u00A0%" : "?";
}
