namespace Flixstock.Engine;

/// <summary>Reads files that are kept in memory.</summary>
internal static class WholeFile
{
    /// <summary>Reads a whole file; one buffer, exactly as long as the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops in the middle of reading.</param>
    /// <exception cref="InputException">
    /// There is no such file, it cannot be read, or it is longer than 2 GiB.
    /// </exception>
    public static byte[] Read(string path, CancellationToken cancellation = default)
    {
        FileKind.Require(path);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            return cancellation.CanBeCanceled && new FileInfo(path) is { Exists: true, Length: > 0 and var length }
                && length <= Array.MaxLength
                ? ReadPieces(path, cancellation)
                : File.ReadAllBytes(path); // also what has no length before it is read
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static byte[] ReadPieces(string path, CancellationToken cancellation)
    {
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var bytes = new byte[file.Length];
        new CancellableStream(file, cancellation).ReadExactly(bytes);
        return bytes;
    }
}
