namespace Flixstock.Engine;

/// <summary>
/// Folders and charts that this program wrote: runs, results, pictures with labels drawn on, data sets in a data set.
/// They are never classes of the data set that they happen to lie in.
/// </summary>
internal static class MadeFolders
{
    /// <summary>The file that marks a folder of pictures as written by a command.</summary>
    public const string Mark = ".made-by-flixstock";

    private static readonly HashSet<string> Signs = new(StringComparer.Ordinal)
    {
        "run.json", "two_stage.json", "state.safetensors", "demo.json", "dataset.json", "attributes_cleaned.csv",
        "attributes_train.csv", "images_cleaned", "images_split", "images_augmented",
    };

    // Charts of commands that write a table of the same name next to them.
    private static readonly string[] Charts = ["prior", "review", "simulation", "class_distribution"];

    /// <summary>
    /// Marks a folder that a command is about to fill, if it is new or empty; a folder with something of the user's
    /// stays as it is.
    /// </summary>
    /// <param name="folder">The folder, which is made if it does not exist.</param>
    /// <param name="by">The command that fills it, for the reader of the mark.</param>
    /// <exception cref="EngineException">The folder cannot be written to.</exception>
    public static void MarkNew(string folder, string by)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Files.WriteAtomically(
                Path.Combine(folder, Mark), $"Written by {by}: no class and no part of a data set.\n");
        }
    }

    /// <summary>
    /// Refuses a folder in which a command would replace a file that is not this program's, or one that it reads. To be
    /// called before the work.
    /// </summary>
    /// <param name="folder">The folder that the command is about to write to; it may not exist yet.</param>
    /// <param name="names">Relative paths of the files that it will write there.</param>
    /// <param name="inputs">Files that it reads. Links lead to the same file.</param>
    /// <param name="name">Name of the folder in messages.</param>
    /// <exception cref="InputException">A file is in the way; names it.</exception>
    public static void RequireFree(string folder, IEnumerable<string> names, IEnumerable<string> inputs, string name)
    {
        var own = File.Exists(Path.Combine(folder, Mark));
        var given = inputs.ToList();
        var read = given.Select(FileIdentity.RealPath).ToHashSet(StringComparer.Ordinal);
        var identities = given.Select(FileIdentity.Of).OfType<FileIdentity>().ToHashSet();
        foreach (var path in names.Select(file => Path.Combine(folder, file)).Where(Path.Exists))
        {
            if (read.Contains(FileIdentity.RealPath(path))
                || (FileIdentity.Of(path) is { } identity && identities.Contains(identity)))
            {
                throw new InputException(
                    $"{name} {folder}: {path} is a picture to read and would be replaced; choose another folder");
            }
            if (!own)
            {
                throw new InputException($"{name} {folder}: {path} is there already, and no such command has made it; "
                    + $"choose another folder");
            }
        }
    }

    /// <summary>
    /// The entry that shows that this program wrote a folder; null: it is the user's, even if the user's pictures are
    /// among the program's files.
    /// </summary>
    internal static string? SignOf(List<FolderEntry> entries)
    {
        var sign = entries.FirstOrDefault(entry => entry.Name == Mark || Signs.Contains(entry.Name)).Name;
        return sign is null || sign == Mark || !entries.Any(
            entry => !entry.IsFolder && PictureNames.IsPicture(entry.Name) && !IsChart(entry.Name, entries))
            ? sign
            : null;
    }

    /// <summary>True for a chart of this program's among the files of a folder.</summary>
    internal static bool IsChart(string name, List<FolderEntry> entries)
    {
        if (!name.EndsWith(".png", StringComparison.Ordinal))
            return false;
        if (name == "curves.png")
            return Has(entries, "run.json");
        var stem = name[..^4];
        return Charts.Any(chart => stem.StartsWith(chart, StringComparison.Ordinal))
            && (Has(entries, stem + ".csv") || Has(entries, "class_distribution.csv"));
    }

    // Entries are in order of their names.
    private static bool Has(List<FolderEntry> entries, string name) =>
        entries.BinarySearch(
            new FolderEntry(name, false, false),
            Comparer<FolderEntry>.Create((a, b) => string.CompareOrdinal(a.Name, b.Name))) >= 0;
}
