using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Decodes JPEG, PNG, WebP, BMP, GIF (its first frame) and TIFF (its first page) to RGB, with the pixels that PIL's <c>convert('RGB')</c> gives: alpha is dropped,
/// never blended; colour profiles and, unless asked for, the EXIF orientation are ignored. 16-bit grey is scaled to 8 bits
/// (old versions of Pillow clip it, which is of no use to anyone).
/// </summary>
public static class PictureDecoder
{
    private const long LargestPixelCount = 500_000_000; // 1.5 GB of RGB; array lengths are int

    /// <summary>Decodes a file.</summary>
    /// <param name="path">The picture.</param>
    /// <param name="exifRotate">Turn the picture as its EXIF orientation says.</param>
    /// <exception cref="InputException">The file is missing, empty, truncated or no picture; names it and the reason.</exception>
    public static RgbPicture Decode(string path, bool exifRotate = false)
    {
        return Decode(ReadFile(path), path, exifRotate);
    }

    /// <summary>The bytes of a picture's file. A file without a length may be a pipe, which would be waited for: it is not opened, unless it is one of the system's own.</summary>
    internal static byte[] ReadFile(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: 0 } file && !IsStream(file.FullName))
                throw new PictureException(path, "the file is empty, or a pipe and no file");
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new PictureException(path, "there is no such picture", remedy: null, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PictureException(path, $"cannot be read: {e.Message}", remedy: null, e);
        }
    }

    /// <summary>Decodes a file's bytes.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="nameForErrors">What to call the picture in messages.</param>
    /// <param name="exifRotate">Turn the picture as its EXIF orientation says.</param>
    /// <exception cref="InputException">The bytes are no complete picture.</exception>
    /// <exception cref="EngineException">The library that decodes cannot be loaded.</exception>
    public static RgbPicture Decode(ReadOnlySpan<byte> file, string nameForErrors, bool exifRotate = false)
    {
        if (file.IsEmpty)
            throw new PictureException(nameForErrors, "the file is empty");
        if (TiffDecoder.IsTiff(file))
        {
            var (page, orientation) = TiffDecoder.Decode(file.ToArray(), nameForErrors, LargestPixelCount);
            return exifRotate ? PictureOrientation.Apply(page, (SKEncodedOrigin)orientation) : page;
        }
        NativeLibraryCheck.RequireSkia();
        using var data = SKData.CreateCopy(GifTransparency.Drop(file));
        using var codec = SKCodec.Create(data)
            ?? throw UnreadPicture.Refusal(file, nameForErrors);
        var info = codec.Info;
        if ((long)info.Width * info.Height is <= 0 or > LargestPixelCount)
            throw new PictureException(nameForErrors, $"{info.Width} x {info.Height} pixels are too many", "make the picture smaller");
        var picture = ReadPixels(codec, info.Width, info.Height, nameForErrors);
        return exifRotate ? PictureOrientation.Apply(picture, ExifOrientation.IsPng(file) ? ExifOrientation.OfPng(file) : codec.EncodedOrigin) : picture;
    }

    // What a shell makes of <(command).
    private static bool IsStream(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);

    private static RgbPicture ReadPixels(SKCodec codec, int width, int height, string name)
    {
        // No colour space: profiles are ignored as PIL does. Unpremultiplied: colours under alpha stay what they are.
        var wanted = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        var buffer = ArrayPool<byte>.Shared.Rent(wanted.BytesSize);
        var pin = GCHandle.Alloc(buffer, GCHandleType.Pinned);
        try
        {
            var result = codec.GetPixels(wanted, pin.AddrOfPinnedObject());
            if (result != SKCodecResult.Success)
                throw new PictureException(name, Reason(result));
            var picture = new RgbPicture(width, height);
            DropAlpha(buffer.AsSpan(0, wanted.BytesSize), picture.Pixels);
            return picture;
        }
        finally
        {
            pin.Free();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void DropAlpha(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
        {
            rgb[to] = rgba[from];
            rgb[to + 1] = rgba[from + 1];
            rgb[to + 2] = rgba[from + 2];
        }
    }

    private static string Reason(SKCodecResult result) => result switch
    {
        SKCodecResult.IncompleteInput => "the picture is truncated",
        SKCodecResult.ErrorInInput or SKCodecResult.InvalidInput => "the picture's data is corrupt",
        _ => $"the picture cannot be decoded ({result})",
    };
}
