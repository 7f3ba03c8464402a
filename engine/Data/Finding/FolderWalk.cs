using System.IO.Enumeration;

namespace Flixstock.Engine;

/// <summary>Kinds of entries that the walk finds.</summary>
internal enum WalkedKind
{
    /// <summary>A file of the user's.</summary>
    File,

    /// <summary>A hidden file or folder, or one that the system made.</summary>
    Hidden,

    /// <summary>A folder or a chart that this program wrote.</summary>
    Made,

    /// <summary>A link to a folder that the walk has been in, or that holds the link itself.</summary>
    Loop,
}

/// <summary>An entry that the walk found.</summary>
/// <param name="Path">Path below the root, with <c>/</c> between names.</param>
/// <param name="Kind">Kind of the entry.</param>
internal readonly record struct WalkedEntry(string Path, WalkedKind Kind);

/// <summary>
/// The one way through folders of pictures. Every folder is entered once, however many links lead to it; links that
/// lead back are not followed. Hidden folders and those that this program wrote are named and not entered. The order is
/// always the same: a folder's files by name, its folders after them, links last.
/// </summary>
internal static class FolderWalk
{
    private static readonly EnumerationOptions Everything =
        new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>Everything below a folder.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="given">The user named the folder: it is entered even if this program wrote it.</param>
    /// <param name="cancellation">Ends the walk.</param>
    /// <exception cref="InputException">A folder cannot be read; names it.</exception>
    public static IEnumerable<WalkedEntry> Below(string root, bool given, CancellationToken cancellation = default)
    {
        var start = FileIdentity.RealPath(root);
        var entered = new HashSet<string>(StringComparer.Ordinal);
        var (folders, links) =
            (new Stack<(string Path, string Real)>([("", start)]), new Queue<(string Path, string Parent)>());
        while (folders.Count > 0 || links.Count > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!folders.TryPop(out var folder))
            {
                var (link, parent) = links.Dequeue();
                folder = (link, FileIdentity.RealPath(Path.Combine(root, link)));
                if (Holds(folder.Real, parent) || Holds(folder.Real, start))
                    folder.Real = start; // entered already
            }
            if (!entered.Add(folder.Real))
            {
                yield return new(folder.Path, WalkedKind.Loop);
                continue;
            }
            var entries = List(Path.Combine(root, folder.Path), cancellation);
            if ((!given || folder.Path.Length > 0) && MadeFolders.SignOf(entries) is not null)
            {
                yield return new(folder.Path, WalkedKind.Made);
                continue;
            }
            foreach (var entry in entries.Where(entry => !entry.IsFolder || PictureNames.IsHidden(entry.Name)))
                yield return new(Join(folder.Path, entry.Name), KindOf(entry, entries));
            var below = entries.FindAll(entry => entry.IsFolder && !PictureNames.IsHidden(entry.Name));
            foreach (var entry in below.Where(entry => entry.IsLink))
                links.Enqueue((Join(folder.Path, entry.Name), folder.Real));
            foreach (var entry in below.Where(entry => !entry.IsLink).Reverse())
                folders.Push((Join(folder.Path, entry.Name), Path.Combine(folder.Real, entry.Name)));
        }
    }

    /// <summary>Pictures below a folder, by name; paths below it, with <c>/</c> between names.</summary>
    /// <exception cref="InputException">A folder cannot be read; names it.</exception>
    public static List<string> Pictures(string root, CancellationToken cancellation = default)
    {
        var pictures = Below(root, given: true, cancellation).Where(IsPicture).Select(entry => entry.Path).ToList();
        pictures.Sort(StringComparer.Ordinal);
        return pictures;
    }

    /// <summary>
    /// Folders directly in a folder that have pictures in them or below, by name; not hidden ones, nor those that this
    /// program wrote.
    /// </summary>
    /// <exception cref="InputException">A folder cannot be read; names it.</exception>
    public static List<string> FoldersOfPictures(string root, CancellationToken cancellation = default) =>
        [.. Subfolders(root, cancellation)
            .Where(name => Below(Path.Combine(root, name), given: false, cancellation).Any(IsPicture))];

    /// <summary>Folders directly in a folder, hidden ones left out, by name; none if there is no such folder.</summary>
    public static List<string> Subfolders(string root, CancellationToken cancellation = default) =>
        Directory.Exists(root)
            ? [.. List(root, cancellation).Where(entry => entry.IsFolder && !PictureNames.IsHidden(entry.Name))
                .Select(entry => entry.Name)]
            : [];

    /// <summary>
    /// Names of the files directly in a folder, hidden ones left out; none if there is no such folder.
    /// </summary>
    public static List<string> Files(string root, CancellationToken cancellation = default) => Directory.Exists(root)
        ? [.. List(root, cancellation).Where(entry => !entry.IsFolder && !PictureNames.IsHidden(entry.Name))
            .Select(entry => entry.Name)]
        : [];

    private static bool IsPicture(WalkedEntry entry) =>
        entry.Kind == WalkedKind.File && PictureNames.IsPicture(entry.Path);

    private static WalkedKind KindOf(FolderEntry entry, List<FolderEntry> entries) =>
        PictureNames.IsHidden(entry.Name)
            ? WalkedKind.Hidden
            : MadeFolders.IsChart(entry.Name, entries) ? WalkedKind.Made : WalkedKind.File;

    private static string Join(string folder, string name) => folder.Length == 0 ? name : $"{folder}/{name}";

    private static bool Holds(string folder, string path) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length
            || folder.EndsWith(Path.DirectorySeparatorChar) || path[folder.Length] == Path.DirectorySeparatorChar);

    private static List<FolderEntry> List(string folder, CancellationToken cancellation)
    {
        try
        {
            var entries = new List<FolderEntry>();
            foreach (var entry in new FileSystemEnumerable<FolderEntry>(folder, FolderEntry.Of, Everything))
            {
                if (entries.Count % 4096 == 0)
                    cancellation.ThrowIfCancellationRequested();
                entries.Add(entry);
            }
            entries.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            return entries;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder}: the folder cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>An entry of a folder.</summary>
/// <param name="Name">Name without folders.</param>
/// <param name="IsFolder">True for a folder or a link to one.</param>
/// <param name="IsLink">True for a folder that is a link.</param>
internal readonly record struct FolderEntry(string Name, bool IsFolder, bool IsLink)
{
    public static FolderEntry Of(ref FileSystemEntry entry)
    {
        var isFolder = entry.IsDirectory;
        return new(
            entry.FileName.ToString(), isFolder,
            isFolder && (entry.Attributes & FileAttributes.ReparsePoint) != FileAttributes.None);
    }
}
