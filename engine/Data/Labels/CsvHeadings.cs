namespace Flixstock.Engine;

/// <summary>The headings of a CSV file, found regardless of upper and lower case.</summary>
internal sealed class CsvHeadings
{
    private readonly string _path;
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _alike = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Headings in the order of the file; empty for a column without one.</summary>
    /// <exception cref="InputException">One occurs twice.</exception>
    public CsvHeadings(string path, IReadOnlyList<string> names)
    {
        (_path, Names) = (path, names);
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == 0)
                continue;
            if (!_exact.TryAdd(names[i], i))
            {
                throw new InputException(
                    $"{path}: row 1, column {i + 1}: the column '{names[i]}' occurs twice; remove one");
            }
            if (_alike.TryGetValue(names[i], out var same))
                same.Add(i);
            else
                _alike.Add(names[i], [i]);
        }
    }

    /// <summary>The headings, trimmed; empty for a column without one.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Name of a column in messages.</summary>
    public string NameOf(int column) =>
        column < Names.Count && Names[column].Length > 0 ? Names[column] : $"{column + 1}";

    /// <summary>
    /// The place of a column of exactly that name, or else of the one that differs by upper and lower case only; -1 if
    /// there is none.
    /// </summary>
    /// <exception cref="InputException">Several could be meant.</exception>
    public int Find(string name)
    {
        if (_exact.TryGetValue(name, out var place))
            return place;
        if (!_alike.TryGetValue(name, out var columns))
            return -1;
        return columns is [var only] ? only : throw Alike(columns[0], columns[1]);
    }

    /// <summary>The columns of these names, all of which must exist.</summary>
    /// <param name="names">In the order in which their places are given.</param>
    /// <param name="missing">Creates the error for a missing column.</param>
    public int[] FindAll(IReadOnlyList<string> names, Func<string, InputException> missing)
    {
        var places = new int[names.Count];
        for (var k = 0; k < names.Count; k++)
        {
            places[k] = Find(names[k]);
            if (places[k] < 0)
                throw missing(names[k]);
        }
        return places;
    }

    /// <summary>Refuses headings that differ by upper and lower case only.</summary>
    /// <param name="columns">The columns to compare.</param>
    public void RequireDistinct(IEnumerable<int> columns)
    {
        foreach (var column in columns)
        {
            if (_alike.TryGetValue(Names[column], out var same) && same.Count > 1)
                throw Alike(same[0], same[1]);
        }
    }

    private InputException Alike(int first, int second) => new(
        $"{_path}: row 1: the columns {first + 1} and {second + 1}, '{Names[first]}' and '{Names[second]}', differ "
            + $"only in upper and lower case; rename or remove one");
}
