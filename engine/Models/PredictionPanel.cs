using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// The labels of a picture as a panel of text and bars, one attribute below the other, in as many columns as it takes
/// to stay about as high as the picture. Lengths are in units, of which the text is 16 high.
/// </summary>
internal sealed class PredictionPanel : IDisposable
{
    private const int MostColumns = 3;
    private const float Excess = 1.2f; // rather a little higher than the picture than another column
    private const float NarrowestColumn = 190, WidestColumn = 380;
    private const float Margin = 18, ColumnGap = 28, TitleLine = 17, TitleGap = 12;

    private readonly SKFont _font = EmbeddedFont.Create(16), _small = EmbeddedFont.Create(12.5f);
    private readonly float _columnWidth;
    private readonly IReadOnlyList<string> _title;
    private readonly List<List<PanelItem>> _columns;

    /// <summary>Lays the labels out.</summary>
    /// <param name="prediction">The labels.</param>
    /// <param name="title">A line above them; null: none.</param>
    /// <param name="annotated">See <see cref="PredictionPainter.Paint"/>.</param>
    /// <param name="height">Height above which there is another column.</param>
    public PredictionPanel(Prediction prediction, string? title, IReadOnlyList<string?>? annotated, float height)
    {
        var items = PanelItem.Of(prediction, annotated, _font, _small).ToList();
        _columnWidth = Math.Clamp(items.Max(item => item.Width), NarrowestColumn, WidestColumn);
        foreach (var item in items)
            item.Lay(_columnWidth);
        _columns = InColumns(items, height - (2 * Margin));
        Width = (_columns.Count * (_columnWidth + ColumnGap)) - ColumnGap + (2 * Margin);
        _title = title is null ? [] : TextLines.Wrap(title, _small, Width - (2 * Margin), most: 2);
        Height = (2 * Margin) + TitleHeight + _columns.Max(column => column.Sum(item => item.Height));
    }

    /// <summary>Width in units.</summary>
    public float Width { get; }

    /// <summary>Height in units.</summary>
    public float Height { get; }

    /// <summary>All texts, column by column from top to bottom.</summary>
    public IEnumerable<string> Texts =>
        _title.Concat(_columns.SelectMany(column => column).SelectMany(item => item.Texts));

    private float TitleHeight => _title.Count == 0 ? 0 : (_title.Count * TitleLine) + TitleGap;

    /// <summary>Draws the panel.</summary>
    /// <param name="canvas">The canvas.</param>
    /// <param name="x">Its left side, in pixels.</param>
    /// <param name="y">Its upper side, in pixels.</param>
    /// <param name="unit">Pixels of a unit.</param>
    public void Draw(SKCanvas canvas, float x, float y, float unit)
    {
        canvas.Save();
        canvas.Translate(x, y);
        canvas.Scale(unit);
        foreach (var (i, line) in _title.Index())
            Canvas.Text(canvas, line, Margin, Margin + 12 + (i * TitleLine), _small, Canvas.Faint);
        foreach (var (column, items) in _columns.Index())
        {
            var at = Margin + TitleHeight;
            foreach (var item in items)
            {
                item.Draw(canvas, Margin + (column * (_columnWidth + ColumnGap)), at);
                at += item.Height;
            }
        }
        canvas.Restore();
    }

    /// <summary>Frees the fonts.</summary>
    public void Dispose()
    {
        _font.Dispose();
        _small.Dispose();
    }

    private static List<List<PanelItem>> InColumns(List<PanelItem> items, float height)
    {
        var total = items.Sum(item => item.Height);
        var count = (int)Math.Clamp(MathF.Ceiling(total / (height * Excess)), 1, MostColumns);
        var columns = new List<List<PanelItem>> { new() };
        var filled = 0f;
        foreach (var item in items)
        {
            // The one that is half over the border goes where more of it is.
            if (columns.Count < count && filled + (item.Height / 2) > total / count * columns.Count)
                columns.Add([]);
            columns[^1].Add(item);
            filled += item.Height;
        }
        return columns;
    }
}
