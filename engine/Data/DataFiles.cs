using System.Text;

namespace Flixstock.Engine;

/// <summary>Keeps results away from the files of a data set that are read for them.</summary>
internal static class DataFiles
{
    /// <summary>
    /// Refuses to replace a file of the data set that a command reads: a picture, or a file of labels. To be called
    /// before the work.
    /// </summary>
    /// <param name="output">The file to write; need not exist.</param>
    /// <param name="option">Name of the option that the user gave.</param>
    /// <param name="data">The data set's folder.</param>
    /// <param name="pictures">Its pictures.</param>
    /// <param name="sign">Text at or near the beginning of an earlier file of the same command; null if such files are
    /// not text.</param>
    /// <exception cref="InputException">It would be lost, or a folder has the name.</exception>
    public static void RequireNone(
        string output, string option, string data, IEnumerable<Sample> pictures, string? sign = null)
    {
        Files.RequireNoFolder(output, option);
        if (!File.Exists(output))
            return;
        var identity = FileIdentity.Of(output);
        if ((sign is not null && IsIn(output, data) && !ShowsNearItsBeginning(output, sign)) || pictures.Any(
            picture => picture.Path == output || (identity is not null && FileIdentity.Of(picture.Path) == identity)))
        {
            throw new InputException(
                $"{option} {output}: that is a file of the data set, which would be lost; choose another name");
        }
    }

    // Also if another name of it lies there.
    private static bool IsIn(string file, string folder)
    {
        var root = FileIdentity.RealPath(folder) + Path.DirectorySeparatorChar;
        return FileIdentity.RealPath(file).StartsWith(root, StringComparison.Ordinal)
            || (FileIdentity.Of(file) is { } identity
                && FolderWalk.Subfolders(folder).Prepend("").Select(name => Path.Combine(folder, name))
                    .SelectMany(place => FolderWalk.Files(place).Select(name => Path.Combine(place, name)))
                    .Any(path => FileIdentity.Of(path) == identity));
    }

    private static bool ShowsNearItsBeginning(string path, string sign)
    {
        const int Beginning = 4096;
        using var file = File.OpenRead(path);
        var bytes = new byte[Beginning];
        return bytes.AsSpan(0, file.ReadAtLeast(bytes, Beginning, throwOnEndOfStream: false))
            .IndexOf(Encoding.UTF8.GetBytes(sign)) >= 0;
    }
}
