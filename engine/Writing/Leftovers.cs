using System.Collections.Concurrent;

namespace Flixstock.Engine;

/// <summary>Removes what processes that are gone have left in a folder: unfinished files and folders, which nobody reads.</summary>
internal static class Leftovers
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);

    /// <summary>Looks through a folder, not below it. What cannot be removed stays; it is in nobody's way.</summary>
    /// <param name="folder">Where a command is about to write.</param>
    /// <param name="clock">For the age of what was written elsewhere; null: the machine's.</param>
    public static void Remove(string folder, TimeProvider? clock = null)
    {
        StagedOutput.Settle(folder, clock);
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder).Where(path => Unfinished.IsOne(Path.GetFileName(path))).ToList())
            {
                if (!Unfinished.IsLeftOver(path, Unfinished.Abandoned, clock ?? TimeProvider.System))
                    continue;
                if (Directory.Exists(path))
                    StagedOutput.Discard(path);
                else
                    File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or being removed by another command at this moment: what matters is that it is not read.
        }
    }

    /// <summary>The same, once in a process for each folder: for single files, of which many may be written to one folder.</summary>
    public static void RemoveOnce(string folder)
    {
        if (!folder.Contains(Unfinished.FolderPrefix, StringComparison.Ordinal) && Seen.TryAdd(folder, true))
            Remove(folder);
    }
}
