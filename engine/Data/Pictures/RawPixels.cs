using System.IO.MemoryMappedFiles;

namespace Flixstock.Engine;

/// <summary>
/// A file in which pictures lie decoded and resized, [size, size, 3] bytes each, so that nothing but a copy is left to
/// do when a network takes them. It is mapped into memory when the first one is read; a file that was shortened since
/// then is refused, but one that is shortened at that very moment ends the process.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public sealed class RawPixels
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private MemoryMappedViewAccessor? _view; // until nothing refers to it: samples have no end

    internal RawPixels(string path, PicturePreparation preparation)
    {
        (_path, Preparation) = (path, preparation);
    }

    /// <summary>How the pictures were prepared before they were stored.</summary>
    public PicturePreparation Preparation { get; }

    /// <summary>Bytes of a picture of that preparation.</summary>
    internal static long BytesOf(PicturePreparation preparation) =>
        3L * preparation.ImageSize * preparation.ImageSize;

    /// <summary>A preparation in the words of messages: 224 x 224 (bilinear, EXIF orientation ignored).</summary>
    internal static string Describe(PicturePreparation preparation) =>
        $"{preparation.ImageSize} x {preparation.ImageSize} ({preparation.Filter.ToString().ToLowerInvariant()}, EXIF "
        + $"orientation {(preparation.ExifRotate ? "applied" : "ignored")})";

    /// <summary>Refuses another preparation: what resizing twice would give is not what the original picture
    /// gives.</summary>
    /// <exception cref="InputException">It differs from the one with which the pictures were stored.</exception>
    internal void Require(PicturePreparation wanted)
    {
        if (wanted == Preparation)
            return;
        throw new InputException(
            $"{_path}: its pictures are stored as pixels of {Describe(Preparation)}, and {Describe(wanted)} is asked "
                + $"for; ask for what is stored, or pack the original data set again ({Term.ShardPacker})");
    }

    /// <summary>Copies a picture.</summary>
    /// <param name="name">Name of the picture in messages.</param>
    /// <param name="offset">Offset of the picture in the file.</param>
    /// <param name="reading">Is told if the file does not arrive.</param>
    /// <param name="pixels">[size, size, 3], overwritten.</param>
    /// <exception cref="PictureException">The file is missing, cannot be read or ends too early.</exception>
    internal void Read(string name, long offset, PictureReading reading, Memory<byte> pixels) =>
        PictureFile.Safely(_path, name, () => reading.Watched(name, () =>
        {
            if (pixels.Length != BytesOf(Preparation))
                throw new InvalidOperationException($"a picture is {BytesOf(Preparation)} bytes, not {pixels.Length}");
            var view = Mapped();
            // Bytes behind the end of a mapped file are no error of a read, but the end of the process.
            if (offset + pixels.Length > new FileInfo(_path).Length)
                throw PictureFile.EndsWithin(name);
            view.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, pixels.Span);
            return pixels.Length;
        }));

    // The mapping alone stays: no descriptor for each of thousands of shards, and no lock on the file.
    private MemoryMappedViewAccessor Mapped()
    {
        lock (_lock)
        {
            if (_view is not null)
                return _view;
            FileKind.Require(_path);
            using var file = MemoryMappedFile.CreateFromFile(
                _path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            return _view = file.CreateViewAccessor(0, size: 0, MemoryMappedFileAccess.Read);
        }
    }
}
