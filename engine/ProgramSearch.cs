namespace Flixstock.Engine;

/// <summary>
/// Finds other programs as a shell does: in the folders of PATH, and only there. The framework would start a file of
/// that name in the current folder first.
/// </summary>
internal static class ProgramSearch
{
    /// <summary>The full path of a program; null if there is none.</summary>
    /// <param name="name">Its name, without <c>.exe</c>.</param>
    /// <param name="path">Where to look, as in the environment variable PATH.</param>
    public static string? Find(string name, string? path)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return (path ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified)
            .Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }
}
