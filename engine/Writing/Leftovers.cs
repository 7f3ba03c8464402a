using System.Collections.Concurrent;

namespace Flixstock.Engine;

/// <summary>
/// Removes what processes that are gone have left in a folder: unfinished files and folders, which nothing reads.
/// </summary>
internal static class Leftovers
{
    private static readonly ConcurrentDictionary<string, bool> Seen = new(StringComparer.Ordinal);

    /// <summary>Checks a folder, not its subfolders. What cannot be removed stays; it does no harm.</summary>
    /// <param name="folder">The folder that a command is about to write to.</param>
    /// <param name="clock">Clock for the age of what another machine wrote; null: this machine's.</param>
    public static void Remove(string folder, TimeProvider? clock = null)
    {
        StagedOutput.Settle(folder, clock);
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(folder)
                .Where(path => Unfinished.IsOne(Path.GetFileName(path))).ToList())
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

    /// <summary>
    /// Same as <see cref="Remove"/>, but once in a process for each folder: for single files, of which many may be
    /// written to one folder.
    /// </summary>
    public static void RemoveOnce(string folder)
    {
        if (!folder.Contains(Unfinished.FolderPrefix, StringComparison.Ordinal) && Seen.TryAdd(folder, true))
            Remove(folder);
    }
}
