namespace Flixstock.Survival;

/// <summary>Folders with all that is in them.</summary>
internal static class Tree
{
    /// <summary>Every file, relative and with slashes, in order of names.</summary>
    public static IEnumerable<string> FilesOf(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(
            folder, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Every folder below, relative.</summary>
    public static IEnumerable<string> FoldersOf(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(
            folder, "*",
            new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)
        : [];

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var folder in FoldersOf(from))
            Directory.CreateDirectory(Path.Combine(to, folder));
        foreach (var file in FilesOf(from))
            File.Copy(Path.Combine(from, file), Path.Combine(to, file), overwrite: true);
    }

    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
