using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// A caption as lines of text: the subject, then what label and model say, each in three lines at most, then the file
/// in a line of small print.
/// </summary>
internal sealed class CaptionBlock
{
    private const int MostLines = 3;
    private const float MarkSize = 14, MarkRoom = 19, TermRoom = 49, LineHeight = 17, SmallHeight = 15, Above = 4;

    private readonly List<CaptionLine> _lines = [];
    private readonly AnswerMark _mark;

    /// <summary>Breaks a caption into lines.</summary>
    /// <param name="caption">The caption.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="font">Font of all but the small print.</param>
    /// <param name="small">Font of the small print.</param>
    public CaptionBlock(SheetCaption caption, float width, SKFont font, SKFont small)
    {
        _mark = caption.Mark;
        var indent = _mark == AnswerMark.None ? 0 : MarkRoom;
        Add(caption.Subject, indent, width, font, Canvas.Ink);
        AddTerm("label", caption.Label, width, font);
        AddTerm("model", caption.Model, width, font);
        Add(caption.File, 0, width, small, Canvas.Faint, most: 1, SmallHeight);
    }

    /// <summary>Height in pixels.</summary>
    public float Height { get; private set; } = Above;

    /// <summary>The texts of the lines from top to bottom.</summary>
    public IEnumerable<string> Texts => _lines.Select(line => line.Text);

    /// <summary>Draws the lines with their upper left corner at a place.</summary>
    public void Draw(SKCanvas canvas, float x, float y)
    {
        AnswerMarks.Draw(canvas, _mark, x, y + Above + 1, MarkSize);
        foreach (var line in _lines)
            Canvas.Text(canvas, line.Text, x + line.X, y + line.Baseline, line.Font, line.Colour);
    }

    private void AddTerm(string term, string text, float width, SKFont font)
    {
        if (text.Length == 0)
            return;
        _lines.Add(new(term, 0, Height + LineHeight - 5, font, Canvas.Faint));
        Add(text, TermRoom, width, font, Canvas.Ink);
    }

    private void Add(
        string text, float indent, float width, SKFont font, SKColor colour, int most = MostLines,
        float height = LineHeight)
    {
        if (text.Length == 0)
            return;
        foreach (var line in TextLines.Wrap(text, font, width - indent, most))
        {
            _lines.Add(new(line, indent, Height + height - 5, font, colour));
            Height += height;
        }
    }

    private sealed record CaptionLine(string Text, float X, float Baseline, SKFont Font, SKColor Colour);
}
