namespace Flixstock.Engine;

/// <summary>
/// Names that people and tools give to the parts of a data set: <c>Train</c>, <c>valid</c> (Roboflow),
/// <c>validation</c> (Keras), <c>Testing</c>, <c>training_set</c> (Kaggle).
/// </summary>
internal static class PartNames
{
    private static readonly Dictionary<string, string> Parts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = "train",
        ["training"] = "train",
        ["val"] = "val",
        ["valid"] = "val",
        ["validation"] = "val",
        ["validate"] = "val",
        ["dev"] = "val",
        ["test"] = "test",
        ["testing"] = "test",
    };

    /// <summary>The part that is meant by a name without ending; null: none.</summary>
    public static string? PartOf(string name)
    {
        if (name.EndsWith("set", StringComparison.OrdinalIgnoreCase) && name.Length > 4
            && name[^4] is '_' or '-' or ' ')
        {
            name = name[..^4];
        }
        return Parts.GetValueOrDefault(name);
    }

    /// <summary>Names in a folder that mean a part.</summary>
    public static List<string> Of(string part, IEnumerable<string> names) =>
        [.. names.Where(name => PartOf(name) == part)];

    /// <summary>The one name in a folder that means a part; null if there is none.</summary>
    /// <param name="folder">The folder, for messages.</param>
    /// <param name="part">train, val or test.</param>
    /// <param name="names">The names in the folder that mean the part.</param>
    /// <exception cref="InputException">There are two.</exception>
    public static string? Single(string folder, string part, IReadOnlyList<string> names) => names switch
    {
        [] => null,
        [var only] => only,
        [var first, var second, ..] => throw new InputException(
            $"{folder}: '{first}' and '{second}' could both be the part '{part}'; rename or remove one of them"),
    };
}
