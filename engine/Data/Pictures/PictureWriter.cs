using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Writes pictures; a file appears whole or not at all.</summary>
public static class PictureWriter
{
    /// <summary>Writes a JPEG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="quality">Quality, 1 to 100.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void WriteJpeg(string path, RgbPicture picture, int quality = 95) =>
        WriteWhole(path, Encode(picture, SKEncodedImageFormat.Jpeg, quality));

    /// <summary>Writes a JPEG under a name that ends in .jpg or .jpeg, otherwise a PNG.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="picture">The picture.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void Write(string path, RgbPicture picture)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is ".jpg" or ".jpeg")
            WriteJpeg(path, picture);
        else
            WritePng(path, picture);
    }

    /// <summary>Writes a PNG.</summary>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static void WritePng(string path, RgbPicture picture) =>
        WriteWhole(path, Encode(picture, SKEncodedImageFormat.Png, 100));

    /// <summary>The bytes of a JPEG file.</summary>
    public static byte[] EncodeJpeg(RgbPicture picture, int quality = 95) =>
        Encode(picture, SKEncodedImageFormat.Jpeg, quality);

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] EncodePng(RgbPicture picture) => Encode(picture, SKEncodedImageFormat.Png, 100);

    /// <summary>
    /// Writes a file next to the destination, then renames it, so that no reader ever sees half a file.
    /// </summary>
    internal static void WriteWhole(string path, ReadOnlySpan<byte> bytes)
    {
        var full = Path.GetFullPath(path);
        var beside = Unfinished.NextTo(full);
        try
        {
            Leftovers.RemoveOnce(Path.GetDirectoryName(full)!);
            using (var file = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                file.Write(bytes);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(beside))
                File.Delete(beside);
            throw new InputException($"{path}: cannot be written: {e.Message}", e);
        }
    }

    private static byte[] Encode(RgbPicture picture, SKEncodedImageFormat format, int quality)
    {
        using var bitmap = ToBitmap(picture);
        using var data = bitmap.Encode(format, quality) ?? throw new EngineException(
            $"a picture of {picture.Width} x {picture.Height} pixels cannot be encoded as {format}");
        return data.ToArray();
    }

    /// <summary>The picture as Skia draws it.</summary>
    internal static SKBitmap ToBitmap(RgbPicture picture)
    {
        NativeLibraryCheck.RequireSkia();
        var bitmap = new SKBitmap(
            new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, colorspace: null));
        var pixels = bitmap.GetPixelSpan();
        for (var y = 0; y < picture.Height; y++)
        {
            var row = pixels.Slice(y * bitmap.RowBytes, picture.Width * 4);
            var source = picture.Pixels.AsSpan(y * picture.Width * 3);
            for (var x = 0; x < picture.Width; x++)
            {
                row[x * 4] = source[x * 3];
                row[(x * 4) + 1] = source[(x * 3) + 1];
                row[(x * 4) + 2] = source[(x * 3) + 2];
                row[(x * 4) + 3] = 255;
            }
        }
        return bitmap;
    }
}
