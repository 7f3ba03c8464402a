namespace Flixstock.Engine;

/// <summary>A category of an annotation file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Supercategory">Name of the broader category, or null.</param>
/// <param name="Offset">Offset of its description in the file, in bytes.</param>
internal sealed record InstanceCategory(InstanceId Id, string Name, string? Supercategory, long Offset);

/// <summary>
/// The categories of an annotation file: ids are unique at once, names only when it is known which categories are
/// classes.
/// </summary>
internal sealed class InstanceCategories
{
    private readonly SortedDictionary<InstanceId, InstanceCategory> _all = [];

    public int Count => _all.Count;

    /// <summary>The ids in ascending order.</summary>
    public IReadOnlyCollection<InstanceId> Ids => _all.Keys;

    /// <summary>The names in the order of ids.</summary>
    public IReadOnlyList<string> Names => [.. _all.Values.Select(category => category.Name)];

    public bool Contains(InstanceId id) => _all.ContainsKey(id);

    /// <summary>Adds a category; false if its id is used already.</summary>
    public bool TryAdd(InstanceCategory category) => _all.TryAdd(category.Id, category);

    /// <summary>
    /// Categories that only group others, as Roboflow puts one before the rest: of no supercategory, the supercategory
    /// of another one.
    /// </summary>
    public List<InstanceCategory> Roots()
    {
        var parents = _all.Values.Select(category => category.Supercategory).OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
        return [.. _all.Values.Where(category => IsNone(category.Supercategory) && parents.Contains(category.Name))];
    }

    public void Remove(InstanceCategory category) => _all.Remove(category.Id);

    /// <summary>An earlier category and a later one with the same name; null if names are unique.</summary>
    public (InstanceCategory First, InstanceCategory Second)? Twice()
    {
        var names = new Dictionary<string, InstanceCategory>(StringComparer.Ordinal);
        foreach (var category in _all.Values)
        {
            if (!names.TryAdd(category.Name, category))
                return (names[category.Name], category);
        }
        return null;
    }

    private static bool IsNone(string? supercategory) =>
        string.IsNullOrWhiteSpace(supercategory) || supercategory.Equals("none", StringComparison.OrdinalIgnoreCase);
}
