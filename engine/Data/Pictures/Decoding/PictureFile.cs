namespace Flixstock.Engine;

/// <summary>Reads the bytes of pictures' files: of files only, and never more than a limit.</summary>
internal static class PictureFile
{
    private const int Piece = 1 << 16;

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="PictureException">It is missing, no file, too large, or cannot be read.</exception>
    public static byte[] Read(string path, PictureReading reading) => Safely(path, path, () =>
    {
        // If a drive hangs, resolving the path hangs as well.
        return reading.Watched(path, () =>
        {
            RequireRegular(path);
            return FileKind.IsPipe(path) ? ReadPipe(path) : ReadRange(path, path, 0, length: null);
        });
    });

    /// <summary>Bytes in the middle of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Name of the picture in messages.</param>
    /// <param name="offset">Offset of the picture.</param>
    /// <param name="length">Number of bytes.</param>
    /// <param name="reading">Limits of the picture.</param>
    /// <exception cref="PictureException">
    /// The file is missing, none, or ends too early; or the picture is too large.
    /// </exception>
    public static byte[] Read(string path, string name, long offset, long length, PictureReading reading) =>
        Safely(path, name, () =>
        {
            return reading.Watched(name, () =>
            {
                RequireRegular(path);
                return ReadRange(path, name, offset, length);
            });
        });

    private static byte[] ReadRange(string path, string name, long offset, long? length)
    {
        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var wanted = length ?? RandomAccess.GetLength(handle);
        if (wanted > PictureReading.LargestFile)
            throw TooLarge(name, $"{wanted:N0} bytes");
        if (wanted == 0)
            throw new PictureException(name, "the file is empty");
        var bytes = GC.AllocateUninitializedArray<byte>((int)wanted);
        for (var read = 0; read < bytes.Length;)
        {
            var count = RandomAccess.Read(handle, bytes.AsSpan(read), offset + read);
            read += count > 0
                ? count
                : throw (length is not null
                    ? EndsWithin(name)
                    : new PictureException(
                        name, "the file became shorter while it was read", "make or copy the file again"));
        }
        return bytes;
    }

    private static byte[] ReadPipe(string path)
    {
        using var pipe = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        using var all = new MemoryStream();
        var piece = new byte[Piece];
        for (int count; (count = pipe.Read(piece)) > 0;)
        {
            if (all.Length + count > PictureReading.LargestFile)
                throw TooLarge(path, "it continues after that");
            all.Write(piece, 0, count);
        }
        return all.ToArray();
    }

    private static void RequireRegular(string path)
    {
        if (FileKind.Irregular(path) is { } what)
            throw new PictureException(path, $"that is {what} and no picture");
    }

    private static PictureException TooLarge(string name, string size) =>
        new(
            name,
            $"the file is too large for a picture: at most {PictureReading.LargestFile >> 20} MiB are read ({size})",
            "make the picture smaller or remove it");

    /// <summary>The failure of a file that is too short for a picture in its middle.</summary>
    /// <param name="name">Name of the picture in messages.</param>
    public static PictureException EndsWithin(string name) =>
        new(name, "the file ends within the picture", "make or copy the file again");

    /// <summary>Does something with a file; what the system says of it becomes a failure of the picture.</summary>
    /// <exception cref="PictureException">The file is missing or cannot be read.</exception>
    public static T Safely<T>(string path, string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PictureException(path, "there is no such picture", remedy: null, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PictureException(name, $"cannot be read: {e.Message}", remedy: null, e);
        }
    }
}
