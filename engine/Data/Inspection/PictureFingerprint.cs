using System.Numerics;

namespace Flixstock.Engine;

/// <summary>
/// The features by which pictures are compared: a hash of the file; 64 bits that tell at which places it gets brighter
/// from left to right (dHash, on 9 x 8 pixels), which survive resizing
/// and new compression; and its colours on 8 x 8 pixels, which tell apart what the bits do not.
/// </summary>
internal sealed record PictureFingerprint(UInt128 File, ulong Bits, byte[] Colours, int Width, int Height)
{
    /// <summary>Bits that may differ in pictures that look alike.</summary>
    public const int NearBits = 4;

    private const int Side = 8;
    private const double NearColours = 6; // levels, on average

    /// <summary>Reads and decodes a picture once for all of it.</summary>
    public static PictureFingerprint Of(Sample sample)
    {
        var file = sample.ReadBytes();
        var hash = Sha256.HashData(file);
        var (small, colours) = (new byte[(Side + 1) * Side * 3], new byte[Side * Side * 3]);
        var (first, second) = (
            new RowResizer(Side + 1, Side, ResizeFilter.Bilinear, small),
            new RowResizer(Side, Side, ResizeFilter.Bilinear, colours));
        sample.Give(file, new SharedPicture(first, second));
        ulong bits = 0;
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
                bits = (bits << 1) | (Luma(small, x + 1, y) > Luma(small, x, y) ? 1UL : 0);
        }
        return new PictureFingerprint(
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash), bits, colours, first.Source.Width,
            first.Source.Height);
    }

    public bool LooksLike(PictureFingerprint other)
    {
        if (BitOperations.PopCount(Bits ^ other.Bits) > NearBits)
            return false;
        var difference = 0;
        for (var i = 0; i < Colours.Length; i++)
            difference += Math.Abs(Colours[i] - other.Colours[i]);
        return difference <= NearColours * Colours.Length;
    }

    private static int Luma(byte[] pixels, int x, int y)
    {
        var at = ((y * (Side + 1)) + x) * 3;
        return (299 * pixels[at]) + (587 * pixels[at + 1]) + (114 * pixels[at + 2]);
    }
}
