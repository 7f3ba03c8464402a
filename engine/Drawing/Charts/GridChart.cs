namespace Flixstock.Engine;

/// <summary>Small charts of one size next to and under one another, each with its name above.</summary>
/// <param name="title">What they show, for those who cannot see it.</param>
/// <param name="charts">At least one; all as large as the first.</param>
/// <param name="columns">Number of charts in a row.</param>
internal sealed class GridChart(
    string title, IReadOnlyList<(string Name, string Note, IChart Chart)> charts, int columns) : IChart
{
    private const int Gap = 12, Head = 18, Foot = 18;

    /// <inheritdoc />
    public string Title => title;

    /// <inheritdoc />
    public int Width => (Math.Min(columns, charts.Count) * (charts[0].Chart.Width + Gap)) - Gap;

    /// <inheritdoc />
    public int Height => ((charts.Count + columns - 1) / columns * RowHeight) - Gap;

    private int RowHeight => Head + charts[0].Chart.Height + Foot + Gap;

    /// <inheritdoc />
    public void Draw(IChartPaper paper)
    {
        for (var i = 0; i < charts.Count; i++)
        {
            var (name, note, chart) = charts[i];
            paper.At(i % columns * (chart.Width + Gap), i / columns * RowHeight, () =>
            {
                paper.Text("value", new TextPlace(0, 12), ChartLabels.Short(name));
                paper.At(0, Head, () => chart.Draw(paper));
                paper.Text("name", new TextPlace(0, Head + chart.Height + 13), note);
            });
        }
    }
}
