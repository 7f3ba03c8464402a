using BitMiracle.LibTiff.Classic;

namespace Flixstock.Engine;

/// <summary>
/// The first page of a TIFF as RGB, with the pixels that Pillow's <c>convert('RGB')</c> gives: alpha is dropped, of 16 bits the upper 8 count, CMYK becomes RGB
/// without a colour profile. LibTiff takes the file apart; colours are made here, because its own way to RGB blends alpha.
/// </summary>
internal static class TiffDecoder
{
    private const int LargestBlock = 1 << 30;

    /// <summary>True for the first bytes of a TIFF or BigTIFF, of either byte order.</summary>
    public static bool IsTiff(ReadOnlySpan<byte> file) =>
        file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8) || file.StartsWith("II+\0"u8) || file.StartsWith("MM\0+"u8);

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="largest">Pixels that a picture may have.</param>
    /// <returns>The picture as it is stored, and how it has to be turned: 1 to 8, as in EXIF.</returns>
    /// <exception cref="PictureException">The file is damaged, or a TIFF of a kind that is not read; names it and the reason.</exception>
    public static (RgbPicture Picture, int Orientation) Decode(byte[] file, string name, long largest)
    {
        if (file.AsSpan(0, Math.Min(10, file.Length)).EndsWith("CR"u8))
            throw TiffPage.Refused(name, "a camera's raw file");
        TiffMessages.Clear();
        try
        {
            using var tiff = Tiff.ClientOpen(name, "r", new MemoryStream(file, writable: false), new TiffStream()) ?? throw Damaged(name);
            var page = TiffPage.Read(tiff, name, largest);
            return (Decode(tiff, page, name), page.Orientation);
        }
#pragma warning disable CA1031 // a damaged file may make the library fail in any way; each means the same to the user
        catch (Exception e) when (e is not PictureException)
#pragma warning restore CA1031
        {
            throw Damaged(name, e);
        }
    }

    private static RgbPicture Decode(Tiff tiff, TiffPage page, string name)
    {
        var picture = new RgbPicture(page.Width, page.Height);
        if (page.ByLibrary)
            return Whole(tiff, picture, name);
        var colours = new TiffColours(page);
        var planes = page.Planes;
        var buffer = new byte[CheckedSize(page.Tiled ? tiff.TileSize() : tiff.StripSize(), name)];
        var stride = page.Tiled ? tiff.TileRowSize() : tiff.ScanlineSize();
        var samples = new byte[CheckedSize((long)page.BlockWidth * page.BlockHeight * page.Samples, name)];
        for (var y = 0; y < page.Height; y += page.BlockHeight)
        {
            for (var x = 0; x < page.Width; x += page.BlockWidth)
            {
                var (width, height) = (Math.Min(page.BlockWidth, page.Width - x), Math.Min(page.BlockHeight, page.Height - y));
                for (var plane = 0; plane < planes; plane++)
                {
                    Fill(tiff, page, buffer, (x, y, plane), height * stride, name);
                    page.Unpack(buffer, stride, (width, height), samples, plane);
                }
                for (var row = 0; row < height; row++)
                    colours.Convert(samples.AsSpan(row * width * page.Samples), picture.Pixels.AsSpan((((y + row) * page.Width) + x) * 3, width * 3));
            }
        }
        return picture;
    }

    private static void Fill(Tiff tiff, TiffPage page, byte[] buffer, (int X, int Y, int Plane) at, int needed, string name)
    {
        var read = page.Tiled
            ? tiff.ReadEncodedTile(tiff.ComputeTile(at.X, at.Y, 0, (short)at.Plane), buffer, 0, -1)
            : tiff.ReadEncodedStrip(tiff.ComputeStrip(at.Y, (short)at.Plane), buffer, 0, -1);
        if (read < needed)
            throw Damaged(name);
    }

    // Colours that the library knows best: YCbCr with fewer samples of colour, CIE L*a*b*; there is no alpha in them.
    private static RgbPicture Whole(Tiff tiff, RgbPicture picture, string name)
    {
        var raster = new int[picture.Width * picture.Height];
        tiff.SetField(TiffTag.ORIENTATION, Orientation.TOPLEFT); // turning is done later, and only if it is asked for
        if (!tiff.ReadRGBAImageOriented(picture.Width, picture.Height, raster, Orientation.TOPLEFT, stopOnError: true))
            throw Damaged(name);
        for (var i = 0; i < raster.Length; i++)
        {
            picture.Pixels[i * 3] = (byte)Tiff.GetR(raster[i]);
            picture.Pixels[(i * 3) + 1] = (byte)Tiff.GetG(raster[i]);
            picture.Pixels[(i * 3) + 2] = (byte)Tiff.GetB(raster[i]);
        }
        return picture;
    }

    private static int CheckedSize(long size, string name) => size is > 0 and <= LargestBlock ? (int)size : throw Damaged(name);

    private static PictureException Damaged(string name, Exception? inner = null) =>
        new(name, $"the TIFF is truncated or its data is corrupt{(TiffMessages.First is { } why ? $" ({why})" : "")}", inner: inner);
}
