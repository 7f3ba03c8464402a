using System.Globalization;

namespace Flixstock.Engine;

/// <summary>What is drawn in every row of a <see cref="BarChart"/>.</summary>
/// <param name="Name">Its name above the chart, if there are several.</param>
/// <param name="Tone">Its colour.</param>
/// <param name="Values">[rows] values; what is not finite is not drawn.</param>
internal sealed record BarSeries(string Name, string Tone, IReadOnlyList<double> Values)
{
    /// <summary>[rows] an interval around each value, drawn as a thin line; null: none.</summary>
    public IReadOnlyList<(double Low, double High)>? Intervals { get; init; }

    /// <summary>Values are points and no bars, as differences are.</summary>
    public bool Points { get; init; }

    /// <summary>How a value is written at the end of its bar; null: not at all.</summary>
    public Func<double, string>? Text { get; init; }
}

/// <summary>Where the bars of one row lie.</summary>
internal enum BarLayout
{
    /// <summary>Under one another.</summary>
    Grouped,

    /// <summary>One after the other: parts of a sum.</summary>
    Stacked,
}

/// <summary>
/// Bars that lie, so that names of any length are read without turning the head: a row for each name, in it a bar for
/// each series.
/// </summary>
/// <param name="title">What it shows, for those who cannot see it.</param>
/// <param name="axis">The axis of the values.</param>
/// <param name="names">[rows] names, from top to bottom.</param>
/// <param name="series">At least one.</param>
/// <param name="layout">Where the bars of a row lie.</param>
internal sealed class BarChart(
    string title, ChartAxis axis, IReadOnlyList<string> names, IReadOnlyList<BarSeries> series,
    BarLayout layout = BarLayout.Grouped) : IChart
{
    private const double Right = 56, Bottom = 36, Square = 10, WhiskerEnd = 3;
    private const int LongestName = 32;

    private readonly List<(double At, string Name)> _marks = [];

    /// <inheritdoc />
    public string Title => title;

    /// <inheritdoc />
    public int Width { get; init; } = 620;

    /// <inheritdoc />
    public int Height => (int)Math.Ceiling(Top + (names.Count * Row) + Bottom);

    private double Thickness => layout == BarLayout.Stacked || series.Count == 1 ? 14 : 9;

    private double Row => ((layout == BarLayout.Stacked ? 1 : series.Count) * (Thickness + 1)) + 7;

    private double Legend => series.Count > 1 ? 24 : 4;

    private double Top => Legend + (_marks.Count > 0 ? 18 : 0);

    private double Left => 12 + (ChartLabels.SmallCharacterWidth * names.Select(
        name => ChartLabels.Short(name, LongestName).Length).DefaultIfEmpty().Max());

    /// <summary>Marks a value in all rows.</summary>
    public BarChart Mark(double at, string name)
    {
        _marks.Add((at, name));
        return this;
    }

    /// <inheritdoc />
    public void Draw(IChartPaper paper)
    {
        DrawAxis(paper);
        for (var row = 0; row < names.Count; row++)
            DrawRow(paper, row, Top + (row * Row));
        foreach (var (at, name) in _marks)
        {
            paper.Line("mark", Down(X(at), Top - 4, Height - Bottom));
            paper.Text("note", new TextPlace(X(at), Top - 8, TextAnchor.Middle), name);
        }
        if (series.Count > 1)
            DrawLegend(paper);
    }

    private double X(double value) => Left + (Math.Clamp(axis.At(value), 0, 1) * (Width - Left - Right));

    private static string Down(double at, double from, double to) =>
        string.Create(CultureInfo.InvariantCulture, $"M{at:0.#} {from:0.#}V{to:0.#}");

    private void DrawAxis(IChartPaper paper)
    {
        var floor = Height - Bottom;
        foreach (var (value, text) in axis.Ticks())
        {
            paper.Line(value == 0 ? "axis" : "grid", Down(X(value), Top, floor));
            paper.Text("tick", new TextPlace(X(value), floor + 16, TextAnchor.Middle), text);
        }
        if (axis.Name.Length > 0)
            paper.Text("name", new TextPlace(Width - Right, Height - 3, TextAnchor.End), axis.Name);
    }

    private void DrawRow(IChartPaper paper, int row, double top)
    {
        paper.Text("tick", new TextPlace(Left - 8, top + ((Row - 7) / 2) + 4, TextAnchor.End), ChartLabels.Short(
            names[row], LongestName));
        var sum = 0.0;
        for (var i = 0; i < series.Count; i++)
        {
            var value = series[i].Values[row];
            if (!double.IsFinite(value))
                continue;
            var y = layout == BarLayout.Stacked ? top : top + (i * (Thickness + 1));
            DrawValue(paper, series[i], row, sum, y);
            if (layout == BarLayout.Stacked)
                sum += value;
        }
    }

    private void DrawValue(IChartPaper paper, BarSeries one, int row, double from, double top)
    {
        var value = one.Values[row];
        var (start, end, middle) = (X(from), X(from + value), top + (Thickness / 2));
        var tip = $"{names[row]}{(one.Name.Length > 0 ? $", {one.Name}" : "")}: {ChartAxis.Text(value)}";
        if (one.Points)
            paper.Dot(one.Tone, end, middle, tip);
        else if (value != 0)
            paper.Box(one.Tone, (Math.Min(start, end), top, Math.Abs(end - start), Thickness), 1, tip);
        var reach = end;
        if (one.Intervals?[row] is { } interval && double.IsFinite(interval.Low))
        {
            paper.Line(one.Points ? $"line thin {one.Tone}" : "line thin ink", Whisker(interval, middle));
            reach = Math.Max(reach, X(interval.High));
        }
        if (one.Text is { } text)
            paper.Text("tick", new TextPlace(reach + 5, middle + 4), text(value));
    }

    private string Whisker((double Low, double High) interval, double y) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Down(X(interval.Low), y - WhiskerEnd, y + WhiskerEnd)}M{X(interval.Low):0.#} {y:0.#}H{X(interval.High):0.#}"
            + $"{Down(X(interval.High), y - WhiskerEnd, y + WhiskerEnd)}");

    private void DrawLegend(IChartPaper paper)
    {
        var at = Left;
        foreach (var one in series)
        {
            paper.Box(one.Tone, (at, 3, Square, Square), 1, "");
            paper.Text("name", new TextPlace(at + Square + 5, 12), one.Name);
            at += Square + 24 + (one.Name.Length * ChartLabels.SmallCharacterWidth);
        }
    }
}
