using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>A folder that results will go to: checked before the work, gone again if the work fails before anything was written.</summary>
internal static class OutputFolder
{
    public static T Use<T>(string folder, string option, Func<T> work)
    {
        var existed = Directory.Exists(folder);
        Files.RequireWritableFolder(folder, option);
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
}
