using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>A folder that results will go to: checked before the work, gone again if the work fails before anything was written.</summary>
internal static class OutputFolder
{
    /// <summary>The same with the folder's lock held: for work that writes more than one file, or for long.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="option">What the user called it.</param>
    /// <param name="what">What is done there, for whoever is refused meanwhile.</param>
    /// <param name="takeOver">What <c>--take-over</c> says.</param>
    /// <param name="work">Gets the lock.</param>
    public static T Hold<T>(string folder, string option, string what, bool takeOver, Func<FolderLock, T> work) => Use(folder, option, () =>
    {
        using var held = FolderLock.Take(folder, what, takeOver);
        return work(held);
    });

    public static T Use<T>(string folder, string option, Func<T> work)
    {
        var existed = Directory.Exists(folder);
        RequireWritable(folder, option);
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

    // The engine calls it a folder; a command may be given several.
    private static void RequireWritable(string folder, string option)
    {
        try
        {
            Files.RequireWritableFolder(folder);
        }
        catch (InputException e)
        {
            throw new InputException(e.Wording.In((_, _) => option), e.InnerException);
        }
    }
}
