namespace Flixstock.Cli;

/// <summary>The columns of a table that a terminal has room for, and their widths.</summary>
/// <param name="Columns">Numbers of the columns that are shown.</param>
/// <param name="Widths">Widths of those columns in cells.</param>
/// <param name="Dropped">Headings of the other columns.</param>
internal sealed record TableLayout(IReadOnlyList<int> Columns, IReadOnlyList<int> Widths, IReadOnlyList<string> Dropped)
{
    /// <summary>Cells between two columns.</summary>
    public const int Gutter = 2;

    // What names and texts keep while there is still a column to drop, and what they keep at last.
    private const int Comfortable = 24, Least = 6, LeastText = 12;

    /// <summary>Headings are broken first, then names and texts are made narrower, then columns are dropped.</summary>
    /// <param name="page">The table.</param>
    /// <param name="cells">The table's cells as printed, row by row.</param>
    /// <param name="width">Width of all columns in cells.</param>
    public static TableLayout Fit(TablePage page, IReadOnlyList<string[]> cells, int width)
    {
        var columns = Enumerable.Range(0, page.Columns.Count).ToList();
        while (true)
        {
            var last = columns.Where(i => page.Columns[i].Drop > 0).DefaultIfEmpty(-1)
                .MaxBy(i => i < 0 ? 0 : page.Columns[i].Drop);
            var sizes = columns.Select(i => Size.Of(page.Columns[i], cells.Select(row => row[i]))).ToArray();
            if (Fitting(sizes, width, last >= 0) is { } widths)
            {
                return new TableLayout(
                    columns, widths,
                    [.. page.Columns.Where((_, i) => !columns.Contains(i)).Select(column => column.Heading)]);
            }
            columns.Remove(last);
        }
    }

    /// <summary>Cells that all columns need to be good to read.</summary>
    public static int Needed(TablePage page, IReadOnlyList<string[]> cells) =>
        page.Columns.Select((column, i) => Size.Of(column, cells.Select(row => row[i])).Comfortable + Gutter).Sum()
        - Gutter;

    // Null: not even narrow columns have room, and one can be dropped.
    private static int[]? Fitting(Size[] sizes, int width, bool droppable)
    {
        var room = width - Gutter * (sizes.Length - 1);
        var widths = sizes.Select(size => size.Natural).ToArray();
        Narrow(widths, [.. sizes.Select(size => size.Broken)], room);
        Narrow(widths, [.. sizes.Select(size => size.Comfortable)], room);
        if (widths.Sum() <= room)
            return widths;
        if (droppable)
            return null;
        Narrow(widths, [.. sizes.Select(size => size.Least)], room);
        return widths;
    }

    // Takes from the widest that has something to give, cell by cell.
    private static void Narrow(int[] widths, int[] least, int room)
    {
        for (var over = widths.Sum() - room; over > 0; over--)
        {
            var widest = Enumerable.Range(0, widths.Length).Where(i => widths[i] > least[i]).DefaultIfEmpty(-1)
                .MaxBy(i => i < 0 ? 0 : widths[i]);
            if (widest < 0)
                return;
            widths[widest]--;
        }
    }

    /// <summary>Widths of a column: in one line, with its heading broken, still good to read, and at least.</summary>
    private sealed record Size(int Natural, int Broken, int Comfortable, int Least)
    {
        public static Size Of(TableColumn column, IEnumerable<string> cells)
        {
            var all = cells.ToList();
            var (content, word) = (all.Select(TextWidth.Of).DefaultIfEmpty(0).Max(), InTwoLines(column.Heading));
            var broken = Math.Max(content, word);
            var least = column.Kind switch
            {
                CellKind.Name => TableLayout.Least,
                CellKind.Text => LeastText,
                _ => broken,
            };
            var comfortable =
                column.Kind is CellKind.Name or CellKind.Text ? Math.Max(word, TableLayout.Comfortable) : broken;
            return new Size(
                Math.Max(content, TextWidth.Of(column.Heading)), broken, Math.Min(broken, comfortable),
                Math.Min(broken, Math.Max(least, word)));
        }

        // More lines than two above a table look like a separate list.
        private static int InTwoLines(string heading)
        {
            var words = heading.Split(' ');
            return Enumerable.Range(1, words.Length).Min(first => Math.Max(
                TextWidth.Of(string.Join(' ', words[..first])), TextWidth.Of(string.Join(' ', words[first..]))));
        }
    }
}
