namespace Flixstock.Engine;

/// <summary>
/// A label file and what describes it: dataset.json next to it, or the words in its cells, or nothing.
/// </summary>
internal static class LabelFile
{
    private const int MostShown = 12;

    /// <summary>
    /// The attributes that dataset.json describes; without it those that the words of the training part make, which are
    /// then written to dataset.json; null if
    /// neither exists.
    /// </summary>
    /// <param name="csv">The label file.</param>
    /// <param name="training">The label file of the training part: its words are the classes of all parts. It need not
    /// exist.</param>
    /// <param name="note">Is told what the classes are.</param>
    /// <param name="cancellation">Stops at the next row.</param>
    /// <exception cref="InputException">dataset.json is wrong, or the words cannot be classes.</exception>
    public static AttributeTable? Describe(
        string csv, string training, Action<string> note, CancellationToken cancellation = default)
    {
        var description = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(csv))!, AttributeTable.FileName);
        if (File.Exists(description))
            return AttributeTable.LoadBeside(csv);
        var source = File.Exists(training) ? training : csv;
        if (!File.Exists(source) || CsvWords.Of(source, cancellation) is not { } attributes)
            return null;
        note($"the words of {Path.GetFileName(source)} are the classes: {Shown(attributes)}; "
            + $"{Written(description, attributes)}");
        return attributes;
    }

    /// <summary>The rows with their labels, for any kind of columns.</summary>
    /// <param name="csv">The label file.</param>
    /// <param name="attributes">The classes of the file.</param>
    /// <param name="byClass">There is a column for each class.</param>
    /// <param name="paths">Pictures may be named with folders.</param>
    /// <param name="cancellation">Stops at the next row.</param>
    public static List<LabelRow> Read(
        string csv, AttributeTable attributes, bool byClass, bool paths, CancellationToken cancellation = default)
    {
        if (!byClass)
        {
            return AttributeCsv.Read(csv, attributes, paths, cancellation).Rows
                .ConvertAll(row => new LabelRow(row.Row, row.File, attributes.Labels(row.Classes)));
        }
        return attributes.Independent && CsvWords.TagColumn(LabelColumns.Header(csv)) is { } tags
            && !attributes.ClassNames.Contains(tags, StringComparer.OrdinalIgnoreCase)
            ? TagCsv.Read(csv, tags, attributes, paths, cancellation)
            : ClassCsv.Read(csv, attributes, paths, cancellation);
    }

    private static string Shown(AttributeTable attributes) => string.Join(
        "; ",
        attributes.Groups.Select(group => group switch
        {
            { ClassNames: null } => $"{group.Column}: numbers from 0 to {group.Classes - 1}",
            { Independent: true } => Shown(group.ClassNames),
            _ => $"{group.Column}: {Shown(group.ClassNames)}",
        }));

    private static string Shown(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MostShown))
        + (names.Count > MostShown ? $" and {names.Count - MostShown} more" : "");

    private static string Written(string path, AttributeTable attributes)
    {
        try
        {
            Files.WriteAtomically(path, attributes.ToJson() + "\n");
            return $"written to {AttributeTable.FileName} (delete it when the words change)";
        }
        catch (EngineException e)
        {
            // a read-only data set is no fault
            return $"{AttributeTable.FileName} is not written, so they must be read anew every time: {e.Message}";
        }
    }
}
