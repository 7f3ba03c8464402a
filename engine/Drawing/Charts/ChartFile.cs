namespace Flixstock.Engine;

/// <summary>A chart with a title above it and a line of explanation below.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Note">How to read it; empty: nothing.</param>
/// <param name="Chart">The chart.</param>
internal sealed record ChartPanel(string Title, string Note, IChart Chart);

/// <summary>
/// Panels under one another, as files: PNG for what shows pictures only, and SVG, which stays sharp at any size and
/// follows the reader's light or dark page.
/// </summary>
internal sealed class ChartFile : IChart
{
    private const int Margin = 16, TitleHeight = 24, LineHeight = 16, Gap = 18, LongestTitle = 70;

    private readonly IReadOnlyList<(ChartPanel Panel, IReadOnlyList<string> Notes, int Top)> _panels;

    /// <summary>Lays the panels out.</summary>
    /// <param name="panels">At least one.</param>
    public ChartFile(params IReadOnlyList<ChartPanel> panels)
    {
        var inner = Math.Max(
            panels.Max(panel => panel.Chart.Width),
            (int)panels.Max(panel => ChartLabels.TitleCharacterWidth * Short(panel.Title).Length));
        var placed = new List<(ChartPanel, IReadOnlyList<string>, int)>();
        var top = Margin;
        foreach (var panel in panels)
        {
            var notes = Lines(panel.Note, (int)(inner / ChartLabels.SmallCharacterWidth));
            placed.Add((panel, notes, top));
            top += TitleHeight + (notes.Count * LineHeight) + 8 + panel.Chart.Height + Gap;
        }
        (_panels, Width, Height) = (placed, inner + (2 * Margin), top - Gap + Margin);
    }

    /// <inheritdoc />
    public string Title => string.Join("; ", _panels.Select(one => one.Panel.Title));

    /// <inheritdoc />
    public int Width { get; }

    /// <inheritdoc />
    public int Height { get; }

    /// <summary>Writes the chart as PNG, and as SVG next to it.</summary>
    /// <param name="png">The file, replaced if it exists.</param>
    /// <param name="panels">At least one.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Save(string png, params IReadOnlyList<ChartPanel> panels)
    {
        SaveSvg(png, panels);
        PictureWriter.Write(png, SkiaPaper.Paint(new ChartFile(panels)));
    }

    /// <summary>Writes the SVG alone.</summary>
    /// <param name="png">The PNG that it stands next to.</param>
    /// <param name="panels">At least one.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void SaveSvg(string png, params IReadOnlyList<ChartPanel> panels) =>
        Files.WriteAtomically(SvgOf(png), SvgPaper.File(new ChartFile(panels)));

    /// <summary>Name of the SVG next to a PNG.</summary>
    public static string SvgOf(string png) => Path.ChangeExtension(png, ".svg");

    /// <inheritdoc />
    public void Draw(IChartPaper paper)
    {
        foreach (var (panel, notes, top) in _panels)
        {
            paper.Text("title", new TextPlace(Margin, top + 14), Short(panel.Title));
            for (var i = 0; i < notes.Count; i++)
                paper.Text("name", new TextPlace(Margin, top + TitleHeight + 12 + (i * LineHeight)), notes[i]);
            paper.At(
                Margin, top + TitleHeight + (notes.Count * LineHeight) + 8, () => panel.Chart.Draw(paper));
        }
    }

    private static string Short(string title) => ChartLabels.Short(title, LongestTitle);

    private static IReadOnlyList<string> Lines(string text, int width)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = "";
            }
            line = line.Length == 0 ? word : $"{line} {word}";
        }
        if (line.Length > 0)
            lines.Add(line);
        return lines;
    }
}
