namespace Flixstock.Engine;

/// <summary>
/// Finds the pictures that an annotation file names, regardless of the folder that its tool ran in when it wrote the
/// names.
/// </summary>
internal sealed class PictureLookup
{
    private readonly List<(PictureFolders Folder, string Prefix)> _places = [];

    /// <summary>
    /// Searches these folders, their parent folders up to the data folder, and a subfolder of the same name (unpacked
    /// twice).
    /// </summary>
    /// <param name="folders">Folders to search, the likeliest first.</param>
    /// <param name="top">The data folder.</param>
    public PictureLookup(IReadOnlyList<string> folders, string top)
    {
        var known = folders.Where(Directory.Exists).ToList();
        Main = known.Find(folder => folder != top) ?? folders[0];
        var roots = new List<string>(known);
        foreach (var folder in known)
        {
            for (var above = folder;
                above.Length > top.Length && Path.GetDirectoryName(above) is { } parent
                    && parent.StartsWith(top, StringComparison.Ordinal);
                above = parent)
            {
                roots.Add(parent);
            }
        }
        foreach (var root in roots.Distinct(StringComparer.Ordinal))
            _places.Add((new PictureFolders(root), ""));
        foreach (var folder in known.Where(folder => folder != top))
            _places.Add((new PictureFolders(folder), Path.GetFileName(folder) + "/"));
    }

    /// <summary>The folder that messages name.</summary>
    public string Main { get; }

    /// <summary>True if the pictures have their own folder.</summary>
    public bool Exists => Directory.Exists(Main);

    /// <summary>The path of a picture; null if it is nowhere.</summary>
    /// <param name="file">Path with <c>/</c> between names.</param>
    public string? Find(string file) =>
        _places.Select(place => place.Folder.Find(place.Prefix + file)).FirstOrDefault(path => path is not null);
}
