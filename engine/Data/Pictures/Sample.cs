using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>A picture and what is known about it.</summary>
/// <param name="File">File name as in the label file.</param>
/// <param name="Path">The file that holds the picture.</param>
/// <param name="Labels">[classes] 1, 0, or -1 if unknown.</param>
public sealed record Sample(string File, string Path, SampleLabels Labels)
{
    /// <summary>Offset of the picture in the file, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>Length of the picture in the file; null: the file is the picture.</summary>
    public int? ByteCount { get; init; }

    /// <summary>
    /// The pixels of which the picture is <see cref="ByteCount"/> bytes, if it was decoded and resized beforehand;
    /// null: it is a file of a known kind.
    /// </summary>
    public RawPixels? Raw { get; init; }

    /// <summary>
    /// The size of the picture, if its <see cref="ByteCount"/> bytes are its pixels in grey; null: they are a file of a
    /// known kind.
    /// </summary>
    public GreyPixels? Grey { get; init; }

    /// <summary>
    /// [classes] soft targets from 0 to 1, -1 if unknown, for a loss that reads them; null: only <see cref="Labels"/>
    /// exist.
    /// Validation reads <see cref="Labels"/>.
    /// </summary>
    public IReadOnlyList<float>? SoftLabels { get; init; }

    /// <summary>Name of the picture in messages.</summary>
    public string Name => ByteCount is null ? Path : $"{Path}: {File} (at byte {Offset})";

    /// <summary>Limits of the picture.</summary>
    public PictureReading Reading { get; init; } = PictureReading.Standard;

    /// <summary>The bytes of the picture's file; of raw pixels, the pixels.</summary>
    /// <exception cref="InputException">
    /// It is missing, no file, too large, cannot be read or ends too early; names it.
    /// </exception>
    public byte[] ReadBytes() => ByteCount is { } length
        ? PictureFile.Read(Path, Name, Offset, length, Reading)
        : PictureFile.Read(Path, Reading);

    /// <summary>
    /// The bytes of a file of the picture, of a kind that everybody reads: grey pixels become a PNG.
    /// </summary>
    /// <exception cref="InputException">As <see cref="ReadBytes"/>.</exception>
    internal byte[] FileBytes() => Grey is null ? ReadBytes() : PictureWriter.EncodePng(Decode());

    /// <summary>The picture itself; of raw pixels, the picture that they are.</summary>
    /// <param name="exifRotate">Turn it as its EXIF orientation says, which raw pixels do not have any more.</param>
    /// <exception cref="InputException">
    /// The file is missing, truncated, too large or no picture; names it and the reason.
    /// </exception>
    public RgbPicture Decode(bool exifRotate = false)
    {
        var collector = new PictureCollector();
        Give(collector, exifRotate);
        return collector.Picture;
    }

    /// <summary>
    /// The picture as a network takes it, without holding all of it if its format allows that.
    /// </summary>
    /// <param name="preparation">The new size, the filter and the orientation.</param>
    /// <param name="destination">[size, size, 3], overwritten, in part if this fails.</param>
    /// <returns>The size that it has itself, or was decoded at.</returns>
    /// <exception cref="InputException">
    /// The file is missing, truncated, too large or no picture; names it and the reason. Or it holds raw pixels of
    /// another preparation.
    /// </exception>
    public (int Width, int Height) Prepare(PicturePreparation preparation, Memory<byte> destination)
    {
        var size = preparation.ImageSize;
        if (Raw is not null)
        {
            Raw.Require(preparation);
            Raw.Read(Name, Offset, Reading, destination);
            return (size, size);
        }
        var resizer = new RowResizer(size, size, preparation.Filter, destination);
        Give(resizer, preparation.ExifRotate, new SKSizeI(size, size));
        return resizer.Source;
    }

    /// <summary>Decodes the picture row by row.</summary>
    internal void Give(IPictureSink sink, bool exifRotate = false, SKSizeI? least = null) =>
        Give(ReadBytes(), sink, exifRotate, least);

    /// <summary>Decodes the picture, whose bytes were read before, row by row.</summary>
    internal void Give(ReadOnlySpan<byte> bytes, IPictureSink sink, bool exifRotate = false, SKSizeI? least = null)
    {
        if (Grey is not null)
        {
            Grey.Give(bytes, sink);
            return;
        }
        if (Raw is null)
        {
            PictureDecoder.Decode(bytes, Name, exifRotate, Reading, least, sink);
            return;
        }
        var size = Raw.Preparation.ImageSize;
        sink.Begin(size, size);
        for (var y = 0; y < size; y++)
            sink.Row(bytes.Slice(y * size * 3, size * 3));
    }
}
