namespace Flixstock.Engine;

/// <summary>
/// Finds the file that was probably meant by the name of a missing picture: the same name in other case (t0.JPG), with
/// another ending or without one, or in
/// another folder. Folders are walked at the first question only.
/// </summary>
/// <param name="root">Everything below it may be meant.</param>
/// <param name="cancellation">Ends the walk.</param>
internal sealed class NearestFile(string root, CancellationToken cancellation = default)
{
    private Dictionary<string, List<string>>? _byStem;

    /// <summary>
    /// A part of a sentence that names the file and the difference, beginning with a comma; empty if there is none.
    /// </summary>
    /// <param name="name">The given name, with <c>/</c> between folders.</param>
    /// <param name="images">The folder in which it was searched; the file nearest to it is chosen.</param>
    public string Describe(string name, string images)
    {
        if (Find(name, images) is not { } found)
            return "";
        var (given, there) = (Last(name), Last(found));
        var difference = given == there
            ? "in another folder"
            : string.Equals(given, there, StringComparison.OrdinalIgnoreCase)
                ? "upper and lower case differ"
                : Path.GetExtension(given).Length == 0 || !PictureNames.IsPictureEnding(Path.GetExtension(given))
                    && string.Equals(Stem(there), given, StringComparison.OrdinalIgnoreCase)
                    ? "the ending is missing"
                    : "the ending differs";
        return $", but {found} lies there ({difference})";
    }

    private string? Find(string name, string images)
    {
        var last = Last(name).Trim();
        var place = Path.GetFullPath(Path.Combine(images, name.Trim()));
        return new[] { last.ToLowerInvariant(), Stem(last) }.Distinct(StringComparer.Ordinal)
            .SelectMany(stem => (_byStem ??= Index()).GetValueOrDefault(stem, []))
            .OrderBy(path => Rank(path, place, last)).ThenBy(path => path, StringComparer.Ordinal).FirstOrDefault();
    }

    // The same folder before others, the same ending before others, the same letters before others.
    private int Rank(string path, string place, string last)
    {
        var full = Path.GetFullPath(Path.Combine(root, path));
        return (Path.GetDirectoryName(full) == Path.GetDirectoryName(place) ? 0 : 8)
            + (string.Equals(Last(path), last, StringComparison.OrdinalIgnoreCase) ? 0 : 4)
            + (PictureNames.IsPicture(path) ? 0 : 2)
            + (Last(path) == last ? 0 : 1);
    }

    private Dictionary<string, List<string>> Index()
    {
        var index = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        if (!Directory.Exists(root))
            return index;
        foreach (var entry in FolderWalk.Below(root, given: true, cancellation)
            .Where(entry => entry.Kind == WalkedKind.File))
        {
            if (!PictureNames.IsPicture(entry.Path) && Path.GetExtension(entry.Path).Length > 0)
                continue; // a table or a text is not what is meant
            Add(Stem(Last(entry.Path)), entry.Path);
            Add(Last(entry.Path).ToLowerInvariant(), entry.Path);
        }
        return index;

        void Add(string stem, string path)
        {
            if (!index.TryGetValue(stem, out var paths))
                index.Add(stem, paths = []);
            if (paths is [] || paths[^1] != path)
                paths.Add(path);
        }
    }

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(name).ToLowerInvariant();
}
