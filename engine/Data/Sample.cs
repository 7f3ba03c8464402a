namespace Flixstock.Engine;

/// <summary>A picture and what is known about it.</summary>
/// <param name="File">Its name as in the label file.</param>
/// <param name="Path">The file that holds the picture.</param>
/// <param name="Labels">[classes] 1, 0, or -1 where unknown.</param>
public sealed record Sample(string File, string Path, SampleLabels Labels)
{
    /// <summary>Where the picture begins in the file, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>Length of the picture in the file; null: the file is the picture.</summary>
    public int? ByteCount { get; init; }

    /// <summary>What messages call the picture.</summary>
    public string Name => ByteCount is null ? Path : $"{Path}: {File} (at byte {Offset})";

    /// <summary>The bytes of the picture's file.</summary>
    /// <exception cref="InputException">It is missing, cannot be read or ends too early; names it.</exception>
    public byte[] ReadBytes()
    {
        if (ByteCount is not { } length)
            return PictureDecoder.ReadFile(Path);
        try
        {
            using var handle = System.IO.File.OpenHandle(Path);
            var bytes = new byte[length];
            for (var read = 0; read < length;)
            {
                var count = RandomAccess.Read(handle, bytes.AsSpan(read), Offset + read);
                read += count > 0 ? count : throw new PictureException(Name, "the file ends within the picture", "make or copy the file again");
            }
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PictureException(Name, $"cannot be read: {e.Message}", remedy: null, e);
        }
    }

    /// <summary>The picture itself.</summary>
    /// <param name="exifRotate">Turn it as its EXIF orientation says.</param>
    /// <exception cref="InputException">The file is missing, truncated or no picture; names it and the reason.</exception>
    public RgbPicture Decode(bool exifRotate = false) => PictureDecoder.Decode(ReadBytes(), Name, exifRotate);
}
