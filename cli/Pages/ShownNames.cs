using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// The names of pictures in tables and of files made from them: as much of the path as tells them apart.
/// </summary>
internal static class ShownNames
{
    /// <summary>
    /// For each file its name, and as many of the folders before it as others of the same name make necessary, with
    /// <c>/</c> between.
    /// </summary>
    public static string[] Of(IReadOnlyList<string> files)
    {
        var parts = files.Select(Parts).ToArray();
        var shown = Enumerable.Repeat(1, files.Count).ToArray();
        for (var open = Enumerable.Range(0, files.Count).ToArray(); open.Length > 0;)
        {
            open = [.. open.GroupBy(i => Name(parts[i], shown[i]), StringComparer.Ordinal).Where(
                group => group.Select(i => Name(parts[i], parts[i].Length)).Distinct(StringComparer.Ordinal)
                    .Skip(1).Any()).SelectMany(group => group).Where(i => shown[i] < parts[i].Length)];
            foreach (var i in open)
                shown[i]++;
        }
        return [.. parts.Select((own, i) => Name(own, shown[i]))];
    }

    /// <summary>
    /// Relative paths of JPEG files by such names: the ending is replaced, or kept and followed by another if two names
    /// differ in that alone; a number is added if even that is not enough.
    /// </summary>
    public static string[] Jpegs(IReadOnlyList<string> names)
    {
        string Replaced(string name) => Path.ChangeExtension(name, ".jpg");
        var common = names.GroupBy(Replaced, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Distinct(StringComparer.Ordinal).Skip(1).Any()).Select(group => group.Key)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. names.Select(name =>
        {
            var wanted = Fitting(common.Contains(Replaced(name)) ? name : Path.ChangeExtension(name, null), ".jpg");
            var result = wanted;
            for (var number = 2; !taken.Add(result); number++)
                result = Fitting(Path.ChangeExtension(wanted, null), $"-{number}.jpg");
            return result;
        })];
    }

    // Folders exist and fit; the last name may have become longer than a file system takes.
    private static string Fitting(string stem, string after)
    {
        var name = stem.LastIndexOf('/') + 1;
        return stem[..name] + SafeFileName.Fitting(stem[name..], after);
    }

    private static string Name(string[] parts, int count) => string.Join('/', parts[^count..]);

    private static string[] Parts(string file)
    {
        var full = Path.GetFullPath(file);
        return full[Path.GetPathRoot(full)!.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
    }
}
