namespace Flixstock.Engine;

/// <summary>
/// Names of classes by their identifier, as OpenImages publishes them: a CSV with the heading
/// <c>LabelName,DisplayName</c>; older files begin with the first class.
/// </summary>
internal static class ClassDescriptions
{
    /// <summary>Reads such a file.</summary>
    /// <exception cref="InputException">
    /// It cannot be read, is not such a file or describes a class twice; names it.
    /// </exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        using var table = CsvTable.Open(path, ["LabelName", "DisplayName"]);
        var headings = table.Headings;
        var (identifier, name) = (headings.Find("LabelName"), headings.Find("DisplayName"));
        if (identifier < 0 || name < 0)
        {
            if (headings.Names.Count != 2)
            {
                throw new InputException($"{path}: has {headings.Names.Count} columns; expected "
                    + $"LabelName,DisplayName{LabelColumns.ReadAs(table)}");
            }
            (identifier, name) = (0, 1);
            if (headings.Names[0].StartsWith('/'))
                names.Add(headings.Names[0], headings.Names[1]);
        }
        while (table.Read())
        {
            var (key, called) = (table.Cell(identifier), table.Cell(name));
            if (!names.TryAdd(key, called) && names[key] != called)
                throw table.Wrong(identifier, $"'{key}' is called '{called}', but above '{names[key]}'; remove one");
        }
        return names;
    }
}
