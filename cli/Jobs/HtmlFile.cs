using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>A page that a command is to write.</summary>
internal static class HtmlFile
{
    /// <summary>Refuses what cannot be a page, before the work.</summary>
    /// <param name="file">The file.</param>
    /// <param name="option">The option that names it.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InputException">It is a folder, lies in none, or has another ending.</exception>
    public static string Require(string file, string option)
    {
        if (Directory.Exists(file))
        {
            throw new InputException(
                $"{option} {file}: that is a folder; give a file, as {Path.Combine(file, "report.html")}");
        }

        // A slip of the hand must not cost a run's weights.
        if (Path.GetExtension(file).ToLowerInvariant() is not (".html" or ".htm"))
            throw new InputException($"{option} {file}: the page is HTML; give a name that ends in .html");
        return Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder)
            ? throw new InputException($"{option} {file}: there is no folder {folder}; make it, or give another place")
            : file;
    }
}
