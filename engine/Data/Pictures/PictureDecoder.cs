using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Decodes JPEG, PNG, WebP, BMP, GIF (its first frame) and TIFF (its first page) to RGB, with the pixels that PIL's
/// <c>convert('RGB')</c> gives: alpha is dropped, never blended; colour profiles and, unless asked for, the EXIF
/// orientation are ignored. 16-bit grey is scaled to 8 bits (old versions of Pillow clip it, which is of no use to
/// anyone). What a picture's header says is checked before memory is taken.
/// </summary>
public static class PictureDecoder
{
    /// <summary>Decodes a file.</summary>
    /// <param name="path">The picture.</param>
    /// <param name="exifRotate">Turn the picture as its EXIF orientation says.</param>
    /// <param name="reading">Limits of the picture; null for the standard ones.</param>
    /// <exception cref="InputException">
    /// The file is missing, empty, truncated, too large or no picture; names it and the reason.
    /// </exception>
    public static RgbPicture Decode(string path, bool exifRotate = false, PictureReading? reading = null)
    {
        reading ??= PictureReading.Standard;
        return Decode(PictureFile.Read(path, reading), path, exifRotate, reading);
    }

    /// <summary>Decodes a file's bytes.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="nameForErrors">Name of the picture in messages.</param>
    /// <param name="exifRotate">Turn the picture as its EXIF orientation says.</param>
    /// <param name="reading">Limits of the picture; null for the standard ones.</param>
    /// <exception cref="InputException">The bytes are no complete picture, or one with too many pixels.</exception>
    /// <exception cref="EngineException">The library that decodes cannot be loaded.</exception>
    public static RgbPicture Decode(
        ReadOnlySpan<byte> file, string nameForErrors, bool exifRotate = false, PictureReading? reading = null)
    {
        var collector = new PictureCollector();
        Decode(file, nameForErrors, exifRotate, reading ?? PictureReading.Standard, least: null, collector);
        return collector.Picture;
    }

    /// <summary>Decodes a picture row by row into a sink.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Name of the picture in messages.</param>
    /// <param name="exifRotate">Turn the picture as its EXIF orientation says.</param>
    /// <param name="reading">Limits of the picture.</param>
    /// <param name="least">The size that is wanted in the end; null: the picture's own.</param>
    /// <param name="sink">Receives the rows.</param>
    internal static void Decode(
        ReadOnlySpan<byte> file, string name, bool exifRotate, PictureReading reading, SKSizeI? least,
        IPictureSink sink)
    {
        if (file.IsEmpty)
            throw new PictureException(name, "the file is empty");
        if (TiffDecoder.IsTiff(file))
            TiffDecoder.Decode(file, name, exifRotate, reading, sink);
        else
            SkiaPicture.Decode(file, name, exifRotate, reading, least, sink, TurboJpeg.Instance);
    }
}
