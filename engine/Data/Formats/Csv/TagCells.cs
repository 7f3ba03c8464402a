namespace Flixstock.Engine;

/// <summary>
/// Cells that hold the names of several classes: <c>haze primary</c>, <c>cat;dog</c>, <c>cat|dog</c>,
/// <c>['cat', 'dog']</c>.
/// </summary>
internal static class TagCells
{
    private const string Separators = ";|,";

    /// <summary>True if one of the cells holds several names, or is written as a list.</summary>
    public static bool AreLists(IReadOnlyCollection<string> cells)
    {
        var separator = SeparatorOf(cells);
        return cells.Any(cell => cell.StartsWith('[') || Split(cell, separator).Count > 1);
    }

    /// <summary>
    /// What separates the names in a column: the one of <c>; | ,</c> that occurs in it, otherwise spaces.
    /// </summary>
    public static char SeparatorOf(IReadOnlyCollection<string> cells)
    {
        foreach (var separator in Separators)
        {
            if (cells.Any(cell => cell.Contains(separator)))
                return separator;
        }
        return ' ';
    }

    /// <summary>The names in a cell, each once.</summary>
    public static List<string> Split(string cell, char separator) =>
    [
        .. cell.Trim('[', ']').Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => name.Trim('\'', '"')).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal),
    ];
}
