using System.Globalization;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Class priors on disk. Ours: <c>index,name,prior</c>, one row per class. The reference project's: a heading, then
/// <c>name,value</c>. Names decide which class a row belongs to, unless one occurs in several rows, as in a file that
/// the reference project published: then the order does.
/// </summary>
public static class PriorFile
{
    /// <summary>The heading of the files that we write.</summary>
    public const string Heading = "index,name,prior";

    /// <summary>Writes a prior, whole or not at all.</summary>
    public static void Write(string path, IReadOnlyList<float> prior, IReadOnlyList<string> classNames)
    {
        var text = new StringBuilder(Heading).Append('\n');
        for (var k = 0; k < prior.Count; k++)
            text.Append($"{k},{CsvCell.Of(classNames[k])},{prior[k]:g9}\n");
        Files.WriteAtomically(path, text.ToString());
    }

    /// <summary>Same as <see cref="Read(string, int)"/>, with each value assigned to the class of its name.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="attributes">The network's classes.</param>
    /// <param name="byPosition">True: by index or order alone, regardless of the names.</param>
    /// <exception cref="InputException">As for the other overload, or the names are not those of the classes; names the
    /// missing and the new
    /// ones.</exception>
    public static (float[] Prior, string? Warning) Read(string path, AttributeTable attributes, bool byPosition = false)
    {
        StagedOutput.SettleFor(path);
        var (prior, warning) = Read(path, attributes.ClassCount);
        return byPosition || NamesByPlace(path, attributes.ClassCount) is not { } names ? (prior, warning)
            : PriorNames.Arrange(path, prior, names, attributes, warning);
    }

    // The name of each value; null if rows have no names.
    private static string[]? NamesByPlace(string path, int classes)
    {
        var (rows, own) = ReadRows(path);
        string[] names = own
            ? [.. rows.OrderBy(row => int.Parse(row.Index, CultureInfo.InvariantCulture)).Select(row => row.Name)]
            : [.. rows.Take(classes).Select(row => row.Name)];
        var nameless = own && rows.All(row => row.Name == row.Index);
        return nameless || names.Distinct(StringComparer.Ordinal).Count() < names.Length ? null : names;
    }

    /// <summary>
    /// Reads either format by index or order, separated by commas, semicolons or tabs. A value that is missing becomes
    /// NaN, which is never above a threshold.
    /// </summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="classes">Number of classes of the network.</param>
    /// <returns>[classes], and one line about something odd, or null.</returns>
    /// <exception cref="InputException">
    /// The file cannot be read, has another number of classes, or a value that is no number from 0 to 1; names the row.
    /// </exception>
    public static (float[] Prior, string? Warning) Read(string path, int classes)
    {
        var (rows, own) = ReadRows(path);
        var prior = own ? ByIndex(path, rows, classes) : ByPosition(path, rows, classes);
        var warnings = new List<string>();
        var repeated = rows.GroupBy(row => row.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (!own && repeated is not null)
            warnings.Add($"'{repeated.Key}' names {repeated.Count()} rows; rows were taken by position");
        if (prior.Any(float.IsNaN))
            warnings.Add($"{prior.Count(float.IsNaN)} classes have no value and are never left out");
        return (prior, warnings.Count == 0 ? null : $"{path}: {string.Join("; ", warnings)}");
    }

    // Ours has a column of indices; of others the first column has the names and the last the values.
    private static (List<PriorRow> Rows, bool Own) ReadRows(string path)
    {
        using var table = CsvTable.Open(path, ["prior", "avg_pred"], loose: true);
        var (headings, index, value) = (table.Headings, table.Headings.Find("index"), table.Headings.Find("prior"));
        var own = index >= 0 && value >= 0;
        if (!own)
            value = Math.Max(1, headings.Names.ToList().FindLastIndex(heading => heading.Length > 0));
        var name = own && headings.Find("name") is >= 0 and var named ? named : 0;
        var rows = new List<PriorRow>();
        while (table.Read())
            rows.Add(new PriorRow(table.Row, own ? table.Cell(index) : "", table.Cell(name), Value(table, value)));
        return (rows, own);
    }

    private static float Value(CsvTable table, int column)
    {
        var cell = table.Cell(column);
        if (LabelColumns.IsUnknown(cell))
            return float.NaN;
        return CellNumber.TryParse(cell, out var value) && value is >= 0 and <= 1
            ? (float)value
            : throw table.Wrong(column, $"'{cell}' is no prior; write a number from 0 to 1{CellNumber.Hint(cell)}, or "
                + $"nothing where it is unknown");
    }

    private static float[] ByPosition(string path, List<PriorRow> rows, int classes)
    {
        // In a published file of the reference project, the classes are followed by a last row with a name and no
        // value.
        while (rows.Count > classes && float.IsNaN(rows[^1].Value))
            rows.RemoveAt(rows.Count - 1);
        RequireCount(path, rows.Count, classes);
        return [.. rows.Select(row => row.Value)];
    }

    private static float[] ByIndex(string path, List<PriorRow> rows, int classes)
    {
        RequireCount(path, rows.Count, classes);
        var prior = new float[classes];
        var seen = new bool[classes];
        foreach (var row in rows)
        {
            if (!int.TryParse(row.Index, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                || index >= classes || seen[index])
            {
                throw LabelColumns.Wrong(
                    path, row.Row, "index",
                    $"'{row.Index}' is not a class index from 0 to {classes - 1} that occurs once; correct it");
            }
            prior[index] = row.Value;
            seen[index] = true;
        }
        return prior;
    }

    private static void RequireCount(string path, int rows, int classes)
    {
        if (rows != classes)
            throw new InputException($"{path}: holds priors of {rows} classes, the network has {classes}");
    }

    private sealed record PriorRow(int Row, string Index, string Name, float Value);
}
