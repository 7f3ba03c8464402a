namespace Flixstock.Engine;

/// <summary>
/// A folder that work will write into: made if need be, and gone again if the work fails before it has written
/// anything.
/// </summary>
internal static class WorkFolder
{
    /// <summary>Works in a folder.</summary>
    /// <param name="folder">The folder; made, and proved to be writable, before the work.</param>
    /// <param name="work">What is done.</param>
    /// <exception cref="InputException">The folder cannot be written to.</exception>
    public static T Use<T>(string folder, Func<T> work)
    {
        var existed = Directory.Exists(folder);
        Files.RequireWritableFolder(folder);
        try
        {
            return work();
        }
        catch
        {
            // Not in a filter: those are asked before the work has cleaned up after itself.
            if (!existed && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
            throw;
        }
    }

    /// <summary>The same with the folder's lock held: for work that writes more than one file, or for long.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What is done there, for whoever is refused meanwhile.</param>
    /// <param name="takeOver">Replace a lock that another machine has left.</param>
    /// <param name="work">Gets the lock.</param>
    /// <exception cref="InputException">The folder cannot be written to, or another process writes there.</exception>
    public static T Hold<T>(string folder, string what, bool takeOver, Func<FolderLock, T> work) => Use(folder, () =>
    {
        using var held = FolderLock.Take(folder, what, takeOver);
        return work(held);
    });
}
