using System.Text;

namespace Flixstock.Engine;

/// <summary>A picture's row: its place as a spreadsheet counts, the file, 1, 0 or -1 for every class.</summary>
internal sealed record LabelRow(int Row, string File, sbyte[] Labels);

/// <summary>The label file of independent classes: one row per picture, one column per class with 1, 0 or nothing where it is unknown.</summary>
internal static class ClassCsv
{
    public static List<LabelRow> Read(string path, AttributeTable table, bool paths = false)
    {
        var columns = new List<string>(table.ClassNames);
        var rows = new List<LabelRow>();
        LabelColumns.Read(path, columns, (row, file, cells) =>
        {
            var labels = new sbyte[cells.Length];
            for (var k = 0; k < cells.Length; k++)
                labels[k] = Parse(cells[k]) ?? throw LabelColumns.Wrong(path, row, columns[k], $"'{cells[k]}' is no label; write 1 (there), 0 (not there), or nothing where it is unknown");
            rows.Add(new LabelRow(row, file, labels));
        }, paths);
        return rows;
    }

    /// <summary>The text of such a file, LF line ends; unknown cells are empty.</summary>
    public static string Format(AttributeTable table, IEnumerable<(string File, sbyte[] Labels)> rows) =>
        Format(table, rows.Select(row => (row.File, (SampleLabels)row.Labels)));

    /// <summary>As the other, of labels that need not all be kept.</summary>
    public static string Format(AttributeTable table, IEnumerable<(string File, SampleLabels Labels)> rows)
    {
        var text = new StringBuilder(ImageDataset.FileColumn);
        foreach (var name in table.ClassNames)
            text.Append(',').Append(AttributeCsv.Quoted(name));
        text.Append('\n');
        foreach (var (file, labels) in rows)
        {
            text.Append(AttributeCsv.Quoted(file));
            foreach (var label in labels)
                text.Append(label switch { 1 => ",1", 0 => ",0", _ => "," });
            text.Append('\n');
        }
        return text.ToString();
    }

    private static sbyte? Parse(string cell)
    {
        if (LabelColumns.IsUnknown(cell))
            return -1;
        return CellNumber.TryParse(cell, out var value) && value is 0 or 1 ? (sbyte)value : null;
    }
}
