namespace Flixstock.Cli;

/// <summary>A table as lines of text.</summary>
/// <param name="rule">Character of the line under the headings.</param>
/// <param name="dots">Text in place of the middle of a name.</param>
internal sealed class TableText(char rule = '─', string dots = "…")
{
    private const string Indent = "  ";

    /// <summary>The table as wide as it needs to be, one line per row, full names: for pipes and files.</summary>
    public static IEnumerable<string> Plain(TablePage page)
    {
        string[][] all = [[.. page.Columns.Select(column => column.Heading)], .. page.Rows.Select(
            row => row.Cells.Select(Terminal.OneLine).ToArray())];
        var widths = page.Columns.Select((_, i) => all.Max(row => TextWidth.Of(row[i]))).ToArray();
        yield return page.Title;
        foreach (var row in all)
        {
            yield return (Indent + string.Join(
                Indent, row.Select((cell, i) => TextWidth.Pad(cell, widths[i], IsRight(page.Columns[i]))))).TrimEnd();
        }
    }

    /// <summary>Fitted into a terminal: no line is longer, and no word is broken.</summary>
    public IEnumerable<string> Fitted(TablePage page, int width)
    {
        var cells = page.Rows.Select(row => Cells(row).Select(Terminal.OneLine).ToArray()).ToList();
        var layout = TableLayout.Fit(page, cells, width - Indent.Length);
        foreach (var line in TextWidth.Wrap(page.Title, width))
            yield return line;
        foreach (var line in Row(page, layout, [.. page.Columns.Select(column => column.Heading)], heading: true))
            yield return Clipped(line, width);
        yield return Indent + new string(
            rule,
            Math.Min(width - Indent.Length, layout.Widths.Sum() + TableLayout.Gutter * (layout.Widths.Count - 1)));
        string? group = null;
        for (var i = 0; i < cells.Count; i++)
        {
            if (page.Rows[i].Group is { } own && own != group)
                yield return Indent + TextWidth.Middle(Terminal.OneLine(own), width - Indent.Length, dots);
            group = page.Rows[i].Group;
            foreach (var line in Row(page, layout, cells[i], heading: false))
                yield return Clipped(line, width);
        }
        if (layout.Dropped.Count > 0)
        {
            foreach (var line in TextWidth.Wrap(
                $"{Indent}no room for: {string.Join(", ", layout.Dropped)}; "
                    + $"{page.Elsewhere ?? "a wider terminal or a pipe shows all"}",
                width, hanging: 0))
            {
                yield return line;
            }
        }
    }

    /// <summary>True if no column is dropped and none made hard to read.</summary>
    public static bool HasRoom(TablePage page, int width) =>
        TableLayout.Needed(page, [.. page.Rows.Select(Cells)]) <= width - Indent.Length;

    private static string[] Cells(TableRow row) =>
        row.Group is null ? row.Cells : [$"  {row.NameInGroup ?? row.Cells[0]}", .. row.Cells.Skip(1)];

    private IEnumerable<string> Row(TablePage page, TableLayout layout, string[] cells, bool heading)
    {
        var columns = layout.Columns
            .Select((column, i) => Lines(cells[column], page.Columns[column].Kind, layout.Widths[i], heading)).ToList();
        var height = columns.Max(lines => lines.Count);
        for (var line = 0; line < height; line++)
        {
            var texts = columns.Select((lines, i) =>
            {
                // Headings are aligned to the bottom of their row, cells to the top.
                var at = heading ? line - (height - lines.Count) : line;
                return TextWidth.Pad(
                    at >= 0 && at < lines.Count ? lines[at] : "", layout.Widths[i],
                    IsRight(page.Columns[layout.Columns[i]]));
            });
            yield return (Indent + string.Join(new string(' ', TableLayout.Gutter), texts)).TrimEnd();
        }
    }

    private IReadOnlyList<string> Lines(string cell, CellKind kind, int width, bool heading) =>
        heading || kind == CellKind.Text
            ? [.. TextWidth.Wrap(cell, width, hanging: 0).Select(line => TextWidth.Middle(line, width, dots))]
            : [TextWidth.Middle(cell, width, dots)];

    // Of a terminal too narrow for the narrowest columns.
    private string Clipped(string line, int width) => TextWidth.Middle(line, width, dots);

    private static bool IsRight(TableColumn column) => column.Kind == CellKind.Number;
}
