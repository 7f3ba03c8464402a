namespace Flixstock.Engine;

/// <summary>
/// Finds pictures below a folder; every folder is listed once, so that millions of questions do not go to the disk, and
/// upper and lower case count everywhere.
/// </summary>
/// <param name="root">The folder that names are relative to.</param>
internal sealed class PictureFolders(string root)
{
    private readonly Dictionary<string, HashSet<string>> _listed = new(StringComparer.Ordinal);

    /// <summary>The path of a picture, or null if there is none.</summary>
    /// <param name="name">A file name, or a path with <c>/</c> below the root.</param>
    public string? Find(string name)
    {
        var slash = name.LastIndexOf('/');
        var folder = slash < 0 ? "" : name[..slash];
        if (!_listed.TryGetValue(folder, out var files))
            _listed.Add(folder, files = List(Path.Combine(root, folder)));
        return files.Contains(slash < 0 ? name : name[(slash + 1)..]) ? Path.Combine(root, name) : null;
    }

    /// <summary>
    /// A path below a folder with <c>/</c> between its parts, also of one written on Windows; null if it leads
    /// elsewhere, or no file can have it.
    /// </summary>
    public static string? PathBelow(string path)
    {
        path = path.Replace('\\', '/');
        var absolute = path.StartsWith('/') || path is [_, ':', ..];
        return absolute || path.Contains('\0', StringComparison.Ordinal)
            || path.Split('/').Any(part => part is "" or "." or "..")
            ? null
            : path;
    }

    private static HashSet<string> List(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. new DirectoryInfo(folder).EnumerateFiles().Select(file => file.Name)]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: cannot be read: {e.Message}", e);
        }
    }
}
