using BitMiracle.LibTiff.Classic;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// The first page of a TIFF as RGB, with the pixels that Pillow's <c>convert('RGB')</c> gives: alpha is dropped, of 16
/// bits the upper 8 count, CMYK becomes RGB without a colour profile. LibTiff takes the file apart; colours are made
/// here, because its own way to RGB blends alpha.
/// </summary>
internal static class TiffDecoder
{
    private const int LargestBlock = 1 << 30, LargeBlock = 1 << 24, LargestSide = 1 << 20, MostRatio = 4096,
        MostBlocks = 16, Spare = 1 << 24;

    /// <summary>True for the first bytes of a TIFF or BigTIFF, of either byte order.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8)
        || file.StartsWith("MM\0+"u8);

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">Name of the picture in messages.</param>
    /// <param name="exifRotate">Turn the picture as its orientation says.</param>
    /// <param name="reading">Limits of the picture.</param>
    /// <param name="sink">Receives the rows.</param>
    /// <exception cref="PictureException">
    /// The file is damaged, or a TIFF of a kind that is not read; names it and the reason.
    /// </exception>
    public static unsafe void Decode(
        ReadOnlySpan<byte> file, string name, bool exifRotate, PictureReading reading, IPictureSink sink)
    {
        if (file[..Math.Min(10, file.Length)].EndsWith("CR"u8))
            throw TiffPage.Refused(name, "a camera's raw file");
        TiffMessages.Clear();
        if (!TiffDirectory.IsPossible(file))
            throw Damaged(name);
        try
        {
            fixed (byte* bytes = file)
            {
                using var stream = new UnmanagedMemoryStream(bytes, file.Length);
                using var tiff = Tiff.ClientOpen(name, "r", stream, new TiffStream()) ?? throw Damaged(name);
                var page = TiffPage.Read(tiff, name, reading);
                RequirePossible(tiff, page, file.Length, name);
                Decode(tiff, page, name, exifRotate && page.Orientation > 1
                    ? new TurningSink(sink, (SKEncodedOrigin)page.Orientation)
                    : sink);
            }
        }
#pragma warning disable CA1031 // a damaged file may make the library fail in any way; each means the same to the user
        catch (Exception e) when (e is not PictureException)
#pragma warning restore CA1031
        {
            throw Damaged(name, e);
        }
    }

    private static void Decode(Tiff tiff, TiffPage page, string name, IPictureSink sink)
    {
        sink.Begin(page.Width, page.Height);
        if (page.ByLibrary)
            Whole(tiff, page, sink, name);
        else if (!page.Tiled && page.Planes == 1 && (long)page.BlockHeight * page.Width * page.Samples > LargeBlock)
            RowByRow(tiff, page, sink, name);
        else
            InBlocks(tiff, page, sink, name);
    }

    // Before memory is taken: no kind of compression but that of fax, whose blank rows take a bit, turns this many
    // samples into so few bytes.
    private static void RequirePossible(Tiff tiff, TiffPage page, long length, string name)
    {
        var (whole, block) =
            ((long)page.Width * page.Height, (long)page.BlockWidth * Math.Min(page.BlockHeight, LargestSide));
        var isFax = tiff.GetField(TiffTag.COMPRESSION) is [var field, ..]
            && (Compression)field.ToInt() is Compression.CCITTRLE or Compression.CCITTRLEW or Compression.CCITTFAX3
                or Compression.CCITTFAX4;
        var most = isFax ? MostBlocks * whole : MostRatio * length;
        if (!isFax && whole * page.Samples > most + Spare || page.Tiled && block * page.Samples > most + Spare)
            throw Damaged(name);
    }

    private static void InBlocks(Tiff tiff, TiffPage page, IPictureSink sink, string name)
    {
        var colours = new TiffColours(page);
        var planes = page.Planes;
        var buffer = new byte[CheckedSize(page.Tiled ? tiff.TileSize() : tiff.StripSize(), name)];
        var stride = page.Tiled ? tiff.TileRowSize() : tiff.ScanlineSize();
        var samples = new byte[CheckedSize((long)page.BlockWidth * page.BlockHeight * page.Samples, name)];
        var band = new byte[CheckedSize((long)page.Width * Math.Min(page.BlockHeight, page.Height) * 3, name)];
        for (var y = 0; y < page.Height; y += page.BlockHeight)
        {
            var height = Math.Min(page.BlockHeight, page.Height - y);
            for (var x = 0; x < page.Width; x += page.BlockWidth)
            {
                var width = Math.Min(page.BlockWidth, page.Width - x);
                for (var plane = 0; plane < planes; plane++)
                {
                    Fill(tiff, page, buffer, (x, y, plane), height * stride, name);
                    page.Unpack(buffer, stride, (width, height), samples, plane);
                }
                for (var row = 0; row < height; row++)
                {
                    colours.Convert(
                        samples.AsSpan(row * width * page.Samples),
                        band.AsSpan(((row * page.Width) + x) * 3, width * 3));
                }
            }
            for (var row = 0; row < height; row++)
                sink.Row(band.AsSpan(row * page.Width * 3, page.Width * 3));
        }
    }

    // A strip as large as this would be in memory three times.
    private static void RowByRow(Tiff tiff, TiffPage page, IPictureSink sink, string name)
    {
        var colours = new TiffColours(page);
        var (buffer, samples, rgb) =
            (new byte[tiff.ScanlineSize()], new byte[page.Width * page.Samples], new byte[page.Width * 3]);
        for (var y = 0; y < page.Height; y++)
        {
            if (!tiff.ReadScanline(buffer, y))
                throw Damaged(name);
            page.Unpack(buffer, buffer.Length, (page.Width, 1), samples, 0);
            colours.Convert(samples, rgb);
            sink.Row(rgb);
        }
    }

    private static void Fill(
        Tiff tiff, TiffPage page, byte[] buffer, (int X, int Y, int Plane) at, int needed, string name)
    {
        var read = page.Tiled
            ? tiff.ReadEncodedTile(tiff.ComputeTile(at.X, at.Y, 0, (short)at.Plane), buffer, 0, -1)
            : tiff.ReadEncodedStrip(tiff.ComputeStrip(at.Y, (short)at.Plane), buffer, 0, -1);
        if (read < needed)
            throw Damaged(name);
    }

    // Colours that the library knows best: YCbCr with fewer samples of colour, CIE L*a*b*; there is no alpha in them.
    private static void Whole(Tiff tiff, TiffPage page, IPictureSink sink, string name)
    {
        var raster = new int[page.Width * page.Height];
        tiff.SetField(TiffTag.ORIENTATION, Orientation.TOPLEFT); // turning is done later, and only if it is asked for
        if (!tiff.ReadRGBAImageOriented(page.Width, page.Height, raster, Orientation.TOPLEFT, stopOnError: true))
            throw Damaged(name);
        var rgb = new byte[page.Width * 3];
        for (var y = 0; y < page.Height; y++)
        {
            for (var x = 0; x < page.Width; x++)
            {
                var pixel = raster[(y * page.Width) + x];
                (rgb[x * 3], rgb[(x * 3) + 1], rgb[(x * 3) + 2]) =
                    ((byte)Tiff.GetR(pixel), (byte)Tiff.GetG(pixel), (byte)Tiff.GetB(pixel));
            }
            sink.Row(rgb);
        }
    }

    private static int CheckedSize(long size, string name) =>
        size is > 0 and <= LargestBlock ? (int)size : throw Damaged(name);

    private static PictureException Damaged(string name, Exception? inner = null) =>
        new(
            name, $"the TIFF is truncated or its data is corrupt{(TiffMessages.First is { } why ? $" ({why})" : "")}",
            inner: inner);
}
