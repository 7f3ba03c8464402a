namespace Flixstock.Engine;

/// <summary>
/// A label file whose one column names the classes that are present; all others are absent. An empty cell means that
/// nothing is known.
/// </summary>
internal static class TagCsv
{
    /// <summary>The rows with their labels.</summary>
    /// <param name="path">The label file.</param>
    /// <param name="column">Its column.</param>
    /// <param name="attributes">The classes, independent of each other.</param>
    /// <param name="paths">Pictures may be named with folders.</param>
    /// <param name="cancellation">Stops at the next row.</param>
    /// <exception cref="InputException">A name is no class; names row and column.</exception>
    public static List<LabelRow> Read(
        string path, string column, AttributeTable attributes, bool paths, CancellationToken cancellation = default)
    {
        var words = new ClassWords(attributes.Groups[0]);
        var rows = new List<LabelRow>();
        LabelColumns.Read(path, [column], (row, file, cells) =>
        {
            var labels = new sbyte[attributes.ClassCount];
            if (LabelColumns.IsUnknown(cells[0]))
                labels.AsSpan().Fill(-1);
            else
                Mark(labels, cells[0], row);
            rows.Add(new LabelRow(row, file, labels));
        }, paths, cancellation);
        return rows;

        void Mark(sbyte[] labels, string cell, int row)
        {
            // A name may hold spaces or commas itself.
            foreach (var name in words.FindName(cell) >= 0
                ? [cell]
                : TagCells.Split(cell, TagCells.SeparatorOf([cell])))
            {
                labels[words.FindName(name) is >= 0 and var k
                    ? k
                    : throw LabelColumns.Wrong(path, row, column, $"'{name}' is none of the classes; correct it, or "
                        + $"add it to classNames in {AttributeTable.FileName}")] = 1;
            }
        }
    }
}
