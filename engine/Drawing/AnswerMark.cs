using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>What a label says about an answer.</summary>
internal enum AnswerMark
{
    /// <summary>Nothing is to be marked.</summary>
    None,
    /// <summary>The label agrees.</summary>
    Right,
    /// <summary>The label contradicts.</summary>
    Wrong,
    /// <summary>No label is known.</summary>
    Unknown,
}

/// <summary>
/// Draws the marks: a check in a disc, a cross in a square, a question mark in a ring. They differ in form and in
/// lightness as well as in colour, for those who do not tell red from green, and for prints without colours.
/// </summary>
internal static class AnswerMarks
{
    // Corners of the signs, as shares of the side.
    private static readonly SKPoint[] Check = [new(0.26f, 0.53f), new(0.43f, 0.7f), new(0.75f, 0.32f)];
    private static readonly SKPoint[] Falling = [new(0.3f, 0.3f), new(0.7f, 0.7f)];
    private static readonly SKPoint[] Rising = [new(0.3f, 0.7f), new(0.7f, 0.3f)];

    /// <summary>The colour that goes with a mark.</summary>
    public static SKColor ColourOf(AnswerMark mark) => mark switch
    {
        AnswerMark.Right => Canvas.Good,
        AnswerMark.Wrong => Canvas.Bad,
        AnswerMark.Unknown => Canvas.Faint,
        _ => Canvas.Accent,
    };

    /// <summary>Draws a mark into a square.</summary>
    /// <param name="canvas">The canvas.</param>
    /// <param name="mark">The mark; of none nothing is drawn.</param>
    /// <param name="x">Left side of the square.</param>
    /// <param name="y">Upper side of the square.</param>
    /// <param name="size">Side in pixels.</param>
    public static void Draw(SKCanvas canvas, AnswerMark mark, float x, float y, float size)
    {
        using var fill = new SKPaint { Color = ColourOf(mark), IsAntialias = true };
        switch (mark)
        {
            case AnswerMark.Right:
                canvas.DrawCircle(x + (size / 2), y + (size / 2), size / 2, fill);
                Stroke(canvas, Check, x, y, size);
                break;
            case AnswerMark.Wrong:
                canvas.DrawRoundRect(x, y, size, size, size * 0.15f, size * 0.15f, fill);
                Stroke(canvas, Falling, x, y, size);
                Stroke(canvas, Rising, x, y, size);
                break;
            case AnswerMark.Unknown:
                fill.Style = SKPaintStyle.Stroke;
                fill.StrokeWidth = size * 0.09f;
                canvas.DrawCircle(x + (size / 2), y + (size / 2), size * 0.455f, fill);
                using (var font = EmbeddedFont.Create(size * 0.7f))
                {
                    Canvas.Text(
                        canvas, "?", x + (size / 2), y + (size * 0.76f), font, fill.Color, align: SKTextAlign.Center);
                }
                break;
            default:
                break;
        }
    }

    private static void Stroke(SKCanvas canvas, SKPoint[] corners, float x, float y, float size)
    {
        using var line = new SKPaint
        {
            Color = Canvas.Paper,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = size * 0.14f,
            StrokeCap = SKStrokeCap.Round,
        };
        foreach (var (from, to) in corners.Zip(corners.Skip(1)))
            canvas.DrawLine(x + (from.X * size), y + (from.Y * size), x + (to.X * size), y + (to.Y * size), line);
    }
}
