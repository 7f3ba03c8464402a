namespace Flixstock.Engine;

/// <summary>The classes of an attribute as named in cells: by number, or by name if names are described.</summary>
internal sealed class ClassWords
{
    private readonly AttributeGroup _group;
    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal),
        _alike = new(StringComparer.OrdinalIgnoreCase);

    public ClassWords(AttributeGroup group)
    {
        _group = group;
        var names = group.ClassNames ?? [];
        for (var k = 0; k < names.Count; k++)
        {
            var name = names[k].Trim();
            NumbersAreNames |= NumberOf(name) is >= 0 and var number && number != k;
            _exact.TryAdd(name, k);
            if (!_alike.TryAdd(name, k))
                _alike[name] = -1; // could be either
        }
    }

    /// <summary>
    /// True if a name of a class is the number of another one; then numbers are numbers, never names.
    /// </summary>
    public bool NumbersAreNames { get; }

    /// <summary>
    /// The class that a cell names: by its number (<c>6</c>, <c>6.0</c>), its name, or its name in other case; -1 if it
    /// names none.
    /// </summary>
    public int Find(string cell) => NumberOf(cell) is >= 0 and var number ? number
        : NumbersAreNames && CellNumber.TryParse(cell, out _) ? -1
        : FindName(cell);

    /// <summary>The class of that name, or of that name in other case; -1 if there is none.</summary>
    public int FindName(string name) =>
        _exact.TryGetValue(name, out var exact) ? exact : _alike.GetValueOrDefault(name, -1);

    /// <summary>Describes what to write instead of a cell that names no class.</summary>
    public string Remedy(string cell)
    {
        const int Most = 12;
        var numbers = $"write 0 to {_group.Classes - 1}{CellNumber.Hint(cell)}";
        if (_group.ClassNames is not { } names)
        {
            return CellNumber.IsLike(cell)
                ? numbers
                : $"{numbers} (words need the names of the classes, as classNames in {AttributeTable.FileName})";
        }
        return NumbersAreNames
            ? $"{numbers} (names of {AttributeTable.FileName} that are numbers are not read as names)"
            : $"{numbers} or a name of {AttributeTable.FileName} "
                + $"({string.Join(", ", names.Take(Most))}{(names.Count > Most ? ", ..." : "")})";
    }

    private int NumberOf(string cell) =>
        CellNumber.TryParse(cell, out var value) && value >= 0 && value < _group.Classes && value == Math.Floor(value)
            ? (int)value
            : -1;
}
