using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// A label in a panel: below the attribute's name, if it is its first one, its own with the probability, a bar with a
/// tick at the threshold, and notes. Lengths are in units, of which the text is 16 high.
/// </summary>
internal sealed class PanelItem
{
    /// <summary>Of one attribute at most this many labels are drawn, the first ones.</summary>
    public const int MostLabels = 20;

    private const int MostLines = 3;
    private const float HeadingLine = 19, NameLine = 21, NoteLine = 17, Bar = 6, BarRoom = 13, Gap = 11;
    private const float Mark = 15, MarkRoom = 21, PercentGap = 14;

    private readonly SKFont _font, _small;
    private readonly string _heading, _name, _percent;
    private readonly float _share;
    private readonly float? _threshold;
    private readonly bool _isLabel, _below;
    private readonly AnswerMark _mark;
    private readonly List<(string Text, SKColor Colour)> _notes = [];
    private readonly List<(string Text, SKFont Font, float X, float Baseline, SKColor Colour)> _lines = [];
    private float _width, _barTop;

    private PanelItem(string heading, PredictedLabel? label, string? annotated, SKFont font, SKFont small)
    {
        (_heading, _font, _small) = (heading, font, small);
        (_name, _percent) = label is null
            ? ("", "")
            : (PredictionPainter.ShortName(label), PredictionPainter.Percent(label.Confidence));
        _isLabel = label is not null;
        if (label is null)
            return;
        _share = float.IsFinite(label.Confidence) ? Math.Clamp(label.Confidence, 0, 1) : 0;
        (_threshold, _below) = (label.Threshold, label.AboveThreshold is false);
        if (_below)
        {
            _notes.Add((
                label.Threshold is { } least
                    ? $"below its threshold of {PredictionPainter.Percent(least)}"
                    : "below its threshold",
                Canvas.Faint));
        }
        if (annotated is null)
            return;
        _mark = annotated == _name || annotated == label.Label ? AnswerMark.Right : AnswerMark.Wrong;
        if (_mark == AnswerMark.Wrong)
            _notes.Add(($"labelled {annotated}", Canvas.Bad));
    }

    /// <summary>The items of a picture, at least one.</summary>
    /// <param name="prediction">The labels.</param>
    /// <param name="annotated">See <see cref="PredictionPainter.Paint"/>.</param>
    /// <param name="font">Font of labels, 16 units high.</param>
    /// <param name="small">Font of the small print.</param>
    public static IEnumerable<PanelItem> Of(
        Prediction prediction, IReadOnlyList<string?>? annotated, SKFont font, SKFont small)
    {
        var labels = prediction.Labels;
        if (labels.Count == 0)
            yield return Note("no class is above its threshold", font, small);
        for (var first = 0; first < labels.Count;)
        {
            var end = first + 1;
            while (end < labels.Count && labels[end].Attribute == labels[first].Attribute)
                end++;
            for (var i = first; i < Math.Min(end, first + MostLabels); i++)
            {
                var heading = i == first ? labels[i].Attribute : "";
                yield return new PanelItem(heading, labels[i], annotated?[i], font, small);
            }
            if (end - first > MostLabels)
                yield return Note(More(labels.Skip(first + MostLabels).Take(end - first - MostLabels)), font, small);
            first = end;
        }
    }

    /// <summary>The width that it needs for its name to be in one line.</summary>
    public float Width => Math.Max(
        !_isLabel ? 0 : Indent + _font.MeasureText(_name) + PercentGap + _font.MeasureText(_percent),
        _notes.Select(note => _small.MeasureText(note.Text)).Append(_small.MeasureText(_heading)).Max());

    /// <summary>Height, once it is laid out.</summary>
    public float Height { get; private set; }

    /// <summary>Its texts from top to bottom, once it is laid out.</summary>
    public IEnumerable<string> Texts => _lines.Select(line => line.Text);

    private float Indent => _mark == AnswerMark.None ? 0 : MarkRoom;

    /// <summary>Breaks the texts into lines of a width.</summary>
    public void Lay(float width)
    {
        _width = width;
        if (_heading.Length > 0)
            Add(_heading, _small, 0, width, Canvas.Faint, HeadingLine);
        if (_isLabel)
        {
            var colour = _below ? Canvas.Faint : Canvas.Ink;
            var percent = _font.MeasureText(_percent);
            _lines.Add((_percent, _font, width - percent, Height + NameLine - 6, colour));
            Add(_name, _font, Indent, width - percent - PercentGap, colour, NameLine);
            _barTop = Height + 2;
            Height += BarRoom;
        }
        foreach (var (text, colour) in _notes)
            Add(text, _small, 0, width, colour, NoteLine);
        Height += Gap;
    }

    /// <summary>Draws it with its upper left corner at a place.</summary>
    public void Draw(SKCanvas canvas, float x, float y)
    {
        foreach (var (text, font, left, baseline, colour) in _lines)
            Canvas.Text(canvas, text, x + left, y + baseline, font, colour);
        if (!_isLabel)
            return;
        AnswerMarks.Draw(canvas, _mark, x, y + (_heading.Length > 0 ? HeadingLine : 0) + 2, Mark);
        DrawBar(canvas, x, y + _barTop);
    }

    private void DrawBar(SKCanvas canvas, float x, float y)
    {
        using var paint = new SKPaint { Color = Canvas.Line, IsAntialias = true };
        canvas.DrawRoundRect(x, y, _width, Bar, Bar / 2, Bar / 2, paint);
        var colour = AnswerMarks.ColourOf(_mark);
        paint.Color = _below ? colour.WithAlpha(90) : colour;
        canvas.DrawRoundRect(x, y, Math.Max(Bar, _width * _share), Bar, Bar / 2, Bar / 2, paint);
        if (_threshold is not { } least)
            return;
        (paint.Color, paint.IsAntialias) = (Canvas.Ink, false);
        canvas.DrawRect(x + (_width * Math.Clamp(least, 0, 1)) - 1, y - 3, 2, Bar + 6, paint);
    }

    private void Add(string text, SKFont font, float indent, float width, SKColor colour, float height)
    {
        foreach (var line in TextLines.Wrap(text, font, width - indent, MostLines))
        {
            _lines.Add((line, font, indent, Height + height - 6, colour));
            Height += height;
        }
    }

    private static PanelItem Note(string text, SKFont font, SKFont small)
    {
        var item = new PanelItem("", null, null, font, small);
        item._notes.Add((text, Canvas.Faint));
        return item;
    }

    private static string More(IEnumerable<PredictedLabel> others)
    {
        var list = others.ToList();
        return list.All(label => label.AboveThreshold is true)
            ? $"and {list.Count} more above their thresholds"
            : $"and {list.Count} more";
    }
}
