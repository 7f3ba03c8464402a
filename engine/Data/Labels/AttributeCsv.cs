using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// A row of the labels: its place in the file as a spreadsheet counts (the header is row 1), the picture, the class per
/// group or -1.
/// </summary>
internal sealed record AttributeRow(int Row, string File, int[] Classes);

/// <summary>
/// The label file: one row per picture, one column per attribute; every fault is named by file, row and column.
/// </summary>
internal sealed class AttributeCsv
{
    /// <summary>How an unknown label is written.</summary>
    public const string Unknown = "#N/A";

    private readonly string _path;
    private readonly AttributeTable _table;
    private readonly ClassWords[] _words;

    private AttributeCsv(string path, AttributeTable table)
    {
        _path = path;
        _table = table;
        _words = [.. table.Groups.Select(group => new ClassWords(group))];
    }

    public List<AttributeRow> Rows { get; } = [];

    public static AttributeCsv Read(
        string path, AttributeTable table, bool paths = false, CancellationToken cancellation = default)
    {
        var result = new AttributeCsv(path, table);
        LabelColumns.Read(path, [.. table.Groups.Select(group => group.Column)], result.Add, paths, cancellation);
        return result;
    }

    /// <summary>The rows of a file of independent classes as attributes of two classes each: absent, present.</summary>
    public static AttributeCsv OfLabels(string path, AttributeTable byClass, IEnumerable<LabelRow> rows)
    {
        var result = new AttributeCsv(path, byClass);
        result.Rows.AddRange(
            rows.Select(row => new AttributeRow(row.Row, row.File, Array.ConvertAll(row.Labels, label => (int)label))));
        return result;
    }

    /// <summary>The text of a label file with these rows only.</summary>
    public static string Format(AttributeTable table, IReadOnlyList<(string File, int[] Classes)> rows)
    {
        var result = new AttributeCsv("", table);
        result.Rows.AddRange(rows.Select((row, i) => new AttributeRow(i + 2, row.File, row.Classes)));
        return result.Format(rows);
    }

    /// <summary>
    /// True if a group's column has any unknown cell: such columns are written as <c>6.0</c>, others as <c>6</c> (what
    /// pandas makes of them).
    /// </summary>
    public bool HasUnknown(int group) => Rows.Any(row => row.Classes[group] < 0);

    /// <summary>The text of a label file, LF line ends.</summary>
    public string Format(IEnumerable<(string File, int[] Classes)> rows)
    {
        var suffixes = Enumerable.Range(0, _table.Groups.Count)
            .Select(group => HasUnknown(group) ? ".0" : "").ToArray();
        var text = new StringBuilder().Append(Columns(_table)).Append('\n');
        foreach (var (file, classes) in rows)
        {
            text.Append(CsvCell.Of(file));
            for (var group = 0; group < classes.Length; group++)
                text.Append(',').Append(classes[group] < 0 ? Unknown : classes[group] + suffixes[group]);
            text.Append('\n');
        }
        return text.ToString();
    }

    private static string Columns(AttributeTable table) =>
        string.Join(',', table.Groups.Select(group => CsvCell.Of(group.Column)).Prepend(LabelColumns.FileColumn));

    private void Add(int row, string file, ReadOnlySpan<string> cells)
    {
        var classes = new int[cells.Length];
        for (var group = 0; group < classes.Length; group++)
            classes[group] = ParseClass(cells[group], row, group);
        Rows.Add(new AttributeRow(row, file, classes));
    }

    private int ParseClass(string cell, int row, int group)
    {
        if (LabelColumns.IsUnknown(cell))
            return -1;
        return _words[group].Find(cell) is >= 0 and var index
            ? index
            : throw LabelColumns.Wrong(_path, row, _table.Groups[group].Column,
                $"'{cell}' is not a class of {_table.Groups[group].Name}; {_words[group].Remedy(cell)}, or {Unknown} "
                    + $"where it is unknown");
    }
}
