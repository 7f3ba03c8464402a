using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Many pictures on one page, each with a line of text.</summary>
internal static class ContactSheet
{
    private const int Gap = 10;
    private const int CaptionHeight = 20;

    /// <summary>Lays the pictures out row by row.</summary>
    /// <param name="pictures">
    /// Pictures of any size with their captions; an empty caption is allowed. At least one. A picture is asked for when
    /// it is drawn, and not kept.
    /// </param>
    /// <param name="columns">Number of pictures in a row.</param>
    /// <param name="cell">Side in pixels of the square a picture is fitted into, 32 or more.</param>
    /// <param name="title">A line above everything; null: none.</param>
    public static RgbPicture Paint(
        IReadOnlyList<(Func<RgbPicture> Picture, string Caption)> pictures, int columns = 5, int cell = 160,
        string? title = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pictures.Count, nameof(pictures));
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(cell, 32);
        columns = Math.Min(columns, pictures.Count);
        var rows = (pictures.Count + columns - 1) / columns;
        var top = Gap + (title is null ? 0 : 30);
        var rowHeight = cell + CaptionHeight + Gap;
        return Canvas.Draw((columns * (cell + Gap)) + Gap, top + (rows * rowHeight), canvas =>
        {
            using var font = EmbeddedFont.Create(12);
            using var large = EmbeddedFont.Create(16);
            using var mat = new SKPaint { Color = new SKColor(244, 245, 247) };
            if (title is not null)
                Canvas.Text(canvas, title, Gap, Gap + 17, large, Canvas.Ink, columns * (cell + Gap));
            for (var i = 0; i < pictures.Count; i++)
            {
                var frame = SKRect.Create(
                    Gap + (i % columns * (cell + Gap)), top + (i / columns * rowHeight), cell, cell);
                canvas.DrawRect(frame, mat);
                Canvas.Picture(canvas, pictures[i].Picture(), frame);
                Canvas.Text(
                    canvas, pictures[i].Caption, frame.MidX, frame.Bottom + 15, font, Canvas.Ink, cell,
                    SKTextAlign.Center);
            }
        });
    }

    /// <summary>Paints and writes a PNG; parameters as <see cref="Paint"/>.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(
        string path, IReadOnlyList<(Func<RgbPicture> Picture, string Caption)> pictures, int columns = 5,
        int cell = 160, string? title = null) =>
        PictureWriter.Write(path, Paint(pictures, columns, cell, title));
}
