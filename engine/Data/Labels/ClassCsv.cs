using System.Text;

namespace Flixstock.Engine;

/// <summary>A picture's row: its place as a spreadsheet counts, the file, 1, 0 or -1 for every class.</summary>
internal sealed record LabelRow(int Row, string File, sbyte[] Labels);

/// <summary>
/// The label file of independent classes: one row per picture, one column per class with 1, 0 or nothing if unknown.
/// </summary>
internal static class ClassCsv
{
    // pandas and spreadsheets write truth values as words.
    private static readonly HashSet<string> Yes = new(StringComparer.OrdinalIgnoreCase) { "true", "yes" },
        No = new(StringComparer.OrdinalIgnoreCase) { "false", "no" };

    public static List<LabelRow> Read(
        string path, AttributeTable table, bool paths = false, CancellationToken cancellation = default)
    {
        var columns = new List<string>(table.ClassNames);
        var rows = new List<LabelRow>();
        LabelColumns.Read(path, columns, (row, file, cells) =>
        {
            var labels = new sbyte[cells.Length];
            for (var k = 0; k < cells.Length; k++)
            {
                labels[k] = Parse(cells[k]) ?? throw LabelColumns.Wrong(
                    path, row, columns[k],
                    $"'{cells[k]}' is no label; write 1 (there), 0 (not there), or nothing where it is unknown "
                        + $"({AttributeTable.FileName} must describe attributes whose classes are words or numbers)");
            }
            rows.Add(new LabelRow(row, file, labels));
        }, paths, cancellation);
        return rows;
    }

    /// <summary>The text of such a file, LF line ends; unknown cells are empty.</summary>
    public static string Format(AttributeTable table, IEnumerable<(string File, sbyte[] Labels)> rows) =>
        Format(table, rows.Select(row => (row.File, (SampleLabels)row.Labels)));

    /// <summary>Same as the other overload, for labels that need not all be in memory.</summary>
    public static string Format(AttributeTable table, IEnumerable<(string File, SampleLabels Labels)> rows)
    {
        var text = new StringBuilder(LabelColumns.FileColumn);
        foreach (var name in table.ClassNames)
            text.Append(',').Append(CsvCell.Of(name));
        text.Append('\n');
        foreach (var (file, labels) in rows)
        {
            text.Append(CsvCell.Of(file));
            foreach (var label in labels)
                text.Append(label switch { 1 => ",1", 0 => ",0", _ => "," });
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The label in a cell: 1 or 0, or a spelling of yes and no; null if it is none of them.</summary>
    public static sbyte? Parse(string cell)
    {
        if (LabelColumns.IsUnknown(cell))
            return -1;
        if (CellNumber.TryParse(cell, out var value))
            return value is 0 or 1 ? (sbyte)value : null;
        return Yes.Contains(cell) ? (sbyte)1 : No.Contains(cell) ? (sbyte)0 : null;
    }
}
