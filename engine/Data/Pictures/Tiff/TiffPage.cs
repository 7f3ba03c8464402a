using BitMiracle.LibTiff.Classic;

namespace Flixstock.Engine;

/// <summary>How the first page of a TIFF is stored.</summary>
internal sealed class TiffPage
{
    private const int MostSamples = 16, LargestSide = 1 << 20;
    private const TiffTag DngVersion = (TiffTag)50706;

    private int _bits;

    public int Width { get; private init; }

    public int Height { get; private init; }

    /// <summary>Samples of a pixel, alpha included.</summary>
    public int Samples { get; private init; }

    public Photometric Photometric { get; private init; }

    /// <summary>Largest value of a sample as <see cref="Unpack"/> gives it.</summary>
    public int MaxValue => _bits >= 8 ? 255 : (1 << _bits) - 1;

    /// <summary>True if colours were multiplied by alpha, the sample after them.</summary>
    public bool Premultiplied { get; private init; }

    /// <summary>[3][2^bits] red, green and blue of a palette; null without one.</summary>
    public byte[][]? Palette { get; private init; }

    /// <summary>1 to 8, as in EXIF.</summary>
    public int Orientation { get; private init; }

    /// <summary>True if the library makes the colours.</summary>
    public bool ByLibrary { get; private init; }

    public bool Tiled { get; private init; }

    /// <summary>Pixels of a tile, or of a strip.</summary>
    public int BlockWidth { get; private init; }

    public int BlockHeight { get; private init; }

    /// <summary>Separate planes; 1: the samples of a pixel lie together.</summary>
    public int Planes { get; private init; }

    /// <summary>Reads the tags.</summary>
    /// <exception cref="PictureException">The page is of a kind that is not read, or too large.</exception>
    public static TiffPage Read(Tiff tiff, string name, PictureReading reading)
    {
        int Value(TiffTag tag) => tiff.GetFieldDefaulted(tag) is [var value, ..] ? value.ToInt() : 0;
        var (width, height, samples, bits) = (
            Value(TiffTag.IMAGEWIDTH), Value(TiffTag.IMAGELENGTH), Value(TiffTag.SAMPLESPERPIXEL),
            Value(TiffTag.BITSPERSAMPLE));
        reading.Require(width, height, name);
        var (photometric, compression) =
            ((Photometric)Value(TiffTag.PHOTOMETRIC), (Compression)Value(TiffTag.COMPRESSION));
        if (tiff.GetField(DngVersion) is not null || (int)photometric is 32803 or 34892
            || (Value(TiffTag.SUBFILETYPE) & 1) != 0)
        {
            throw Refused(name, "a camera's raw file");
        }
        if (!tiff.IsCodecConfigured(compression))
            throw Refused(name, $"a TIFF with the compression {compression}");
        if (compression == Compression.JPEG && photometric == Photometric.YCBCR)
        {
            tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
            photometric = Photometric.RGB;
        }
        var byLibrary = photometric is Photometric.YCBCR or Photometric.CIELAB;
        Require(name, photometric, samples, bits, (SampleFormat)Value(TiffTag.SAMPLEFORMAT), byLibrary);
        var tiled = tiff.IsTiled();
        var extra = tiff.GetField(TiffTag.EXTRASAMPLES) is [_, var kinds, ..] ? kinds.ToShortArray() : null;
        return new TiffPage
        {
            Width = width,
            Height = height,
            Samples = samples,
            _bits = bits,
            Photometric = photometric,
            Premultiplied = photometric == Photometric.RGB && samples > 3
                && extra is [(short)ExtraSample.ASSOCALPHA, ..],
            Palette = photometric == Photometric.PALETTE ? ReadPalette(tiff, name, bits) : null,
            Orientation = Value(TiffTag.ORIENTATION) is >= 1 and <= 8 and var turned ? turned : 1,
            ByLibrary = byLibrary,
            Tiled = tiled,
            BlockWidth = tiled ? Side(Value(TiffTag.TILEWIDTH)) : width,
            BlockHeight = tiled
                ? Side(Value(TiffTag.TILELENGTH))
                : (int)Math.Min((uint)height, (uint)Value(TiffTag.ROWSPERSTRIP)),
            Planes = (PlanarConfig)Value(TiffTag.PLANARCONFIG) == PlanarConfig.SEPARATE ? samples : 1,
        };

        int Side(int side) => side is > 0 and <= LargestSide
            ? side
            : throw new PictureException(name, $"the TIFF has tiles of {side} pixels");
    }

    /// <summary>
    /// Takes the samples of a block apart, one byte each: of 16 bits the upper 8, of fewer than 8 the number as it is.
    /// </summary>
    /// <param name="block">Rows as the library gives them.</param>
    /// <param name="stride">Bytes of a row of the block.</param>
    /// <param name="size">Number of pixels to take.</param>
    /// <param name="samples">[height, width, samples] takes them.</param>
    /// <param name="plane">The sample that the block holds, if samples are stored in planes.</param>
    public void Unpack(byte[] block, int stride, (int Width, int Height) size, byte[] samples, int plane)
    {
        var (together, step) = Planes == 1 ? (Samples, 1) : (1, Samples);
        for (var y = 0; y < size.Height; y++)
        {
            var row = block.AsSpan(y * stride, stride);
            var to = (y * size.Width * Samples) + plane;
            for (var i = 0; i < size.Width * together; i++, to += step)
            {
                samples[to] = _bits switch
                {
                    8 => row[i],
                    16 => row[BitConverter.IsLittleEndian ? (i * 2) + 1 : i * 2],
                    _ => (byte)((row[i * _bits / 8] >> (8 - _bits - (i * _bits % 8))) & ((1 << _bits) - 1)),
                };
            }
        }
    }

    /// <summary>The refusal of a file that is whole but not read.</summary>
    public static PictureException Refused(string name, string what) =>
        new(name, $"{what} is not read", "save it as JPEG, PNG or plain TIFF");

    private static void Require(
        string name, Photometric photometric, int samples, int bits, SampleFormat format, bool byLibrary)
    {
        var least = photometric switch
        {
            Photometric.MINISBLACK or Photometric.MINISWHITE or Photometric.PALETTE => 1,
            Photometric.RGB or Photometric.YCBCR or Photometric.CIELAB => 3,
            Photometric.SEPARATED => 4,
            _ => throw Refused(name, $"a TIFF with colours of the kind {photometric}"),
        };
        if (samples < least || samples > MostSamples)
            throw Refused(name, $"a TIFF of {samples} samples for each pixel");
        if (format is not (SampleFormat.UINT or SampleFormat.VOID) || bits is not (1 or 2 or 4 or 8 or 16))
        {
            var kind = format switch
            {
                SampleFormat.IEEEFP => "floating-point samples",
                SampleFormat.INT => "signed samples",
                _ => "samples",
            };
            throw Refused(name, $"a TIFF with {kind} of {bits} bits");
        }
        if (byLibrary && bits != 8)
            throw Refused(name, $"a TIFF with colours of the kind {photometric} of {bits} bits");
    }

    private static byte[][] ReadPalette(Tiff tiff, string name, int bits)
    {
        if (bits > 8 || tiff.GetField(TiffTag.COLORMAP) is not [var red, var green, var blue])
            throw Refused(name, $"a TIFF with a palette of {bits} bits");
        return [.. new[] { red, green, blue }.Select(
            colour => Array.ConvertAll(colour.ToShortArray(), value => (byte)((ushort)value >> 8)))];
    }
}
