using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// A matrix of counts, each cell as dark as its share of its row: what is on the diagonal in one colour, what is not in
/// another, and below them a row that stands apart.
/// </summary>
/// <param name="title">What it shows, for those who cannot see it.</param>
/// <param name="names">[n] names of rows and columns.</param>
/// <param name="counts">[n, n] counts.</param>
/// <param name="apart">[n] counts of the row below; its name is <paramref name="apartName"/>.</param>
/// <param name="apartName">Name of the row below.</param>
internal sealed class MatrixChart(
    string title, IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<int>> counts, IReadOnlyList<int> apart,
    string apartName) : IChart
{
    private const double CellHeight = 24, Gap = 8, Head = 20;
    private const string Rows = "label", Columns = "model";
    private const string Right = "t0", Wrong = "t1", Apart = "quiet";

    /// <summary>The last row and column are the others together: their diagonal says nothing.</summary>
    public bool LastIsOthers { get; init; }

    /// <inheritdoc />
    public string Title => title;

    /// <inheritdoc />
    public int Width => (int)Math.Ceiling(Left + (names.Count * CellWidth) + 64);

    /// <inheritdoc />
    public int Height => (int)Math.Ceiling(Top + ((names.Count + 1) * CellHeight) + Gap + 6);

    private double CellWidth => Math.Max(34, 10 + (ChartLabels.SmallCharacterWidth * counts.Append(apart)
        .SelectMany(row => row).Select(count => count.ToString(CultureInfo.InvariantCulture).Length).DefaultIfEmpty()
        .Max()));

    private double Longest => ChartLabels.SmallCharacterWidth * names.Append(apartName).Max(
        name => ChartLabels.Short(name).Length);

    private double Left => 12 + Longest;

    private double Top => Head + 10 + Longest;

    /// <inheritdoc />
    public void Draw(IChartPaper paper)
    {
        paper.Text("name", new TextPlace(2, Top - 8), $"{Rows} ↓");
        paper.Text("name", new TextPlace(Left, 12), $"{Columns} →");
        for (var column = 0; column < names.Count; column++)
        {
            paper.Text(
                "tick", new TextPlace(Left + ((column + 0.5) * CellWidth) + 4, Top - 6, Upright: true),
                ChartLabels.Short(names[column]));
        }
        paper.Text("name", new TextPlace(Width - 10, Top - 6, TextAnchor.End), "all");
        for (var row = 0; row < names.Count; row++)
            DrawRow(paper, names[row], counts[row], Top + (row * CellHeight), row);
        var below = Top + (names.Count * CellHeight) + Gap;
        paper.Line("axis", string.Create(
            CultureInfo.InvariantCulture, $"M{Left:0.#} {below - (Gap / 2):0.#}H{Width - 10:0.#}"));
        DrawRow(paper, apartName, apart, below, at: null);
    }

    private void DrawRow(IChartPaper paper, string name, IReadOnlyList<int> row, double top, int? at)
    {
        var all = row.Sum();
        var baseline = top + (CellHeight / 2) + 4;
        paper.Text("tick", new TextPlace(Left - 8, baseline, TextAnchor.End), ChartLabels.Short(name));
        for (var column = 0; column < row.Count; column++)
        {
            if (row[column] > 0)
            {
                DrawCell(
                    paper, (name, column), row[column], all, (Left + (column * CellWidth), top), ToneOf(at, column));
            }
        }
        paper.Text(
            "tick", new TextPlace(Width - 10, baseline, TextAnchor.End), all.ToString(CultureInfo.InvariantCulture));
    }

    private void DrawCell(
        IChartPaper paper, (string Row, int Column) cell, int count, int all, (double X, double Y) at, string tone)
    {
        var share = (double)count / all;
        paper.Box(
            tone, (at.X + 1, at.Y + 1, CellWidth - 2, CellHeight - 2), 0.1 + (0.5 * share),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Rows} {cell.Row}, {Columns} {names[cell.Column]}: {count}, {100 * share:0.#} % of the row"));
        paper.Text(
            "value", new TextPlace(at.X + (CellWidth / 2), at.Y + (CellHeight / 2) + 4, TextAnchor.Middle),
            count.ToString(CultureInfo.InvariantCulture));
    }

    private string ToneOf(int? row, int column) => row is null ? Apart
        : row == column && !(LastIsOthers && row == names.Count - 1) ? Right : Wrong;
}
