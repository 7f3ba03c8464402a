using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// The orientation in a PNG file, which Skia does not read: from its chunk <c>eXIf</c>, before or after the pixels, or
/// as ImageMagick wrote it before that chunk existed.
/// </summary>
internal static class ExifOrientation
{
    private const ushort OrientationTag = 0x0112;
    private const int LongestProfile = 1 << 20;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsPng(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <summary>How a PNG has to be turned; unchanged if it states no orientation, or none of the eight.</summary>
    public static SKEncodedOrigin OfPng(ReadOnlySpan<byte> file)
    {
        SKEncodedOrigin? old = null;
        for (var at = Signature.Length; at + 8 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            var type = file.Slice(at + 4, 4);
            if (length > file.Length - at - 8)
                break; // cut: what is left of the chunk says nothing
            var data = file.Slice(at + 8, (int)length);
            if (type.SequenceEqual("eXIf"u8))
                return OfExif(data) ?? SKEncodedOrigin.TopLeft;
            if (type.SequenceEqual("zTXt"u8) || type.SequenceEqual("tEXt"u8))
                old ??= OfText(data, compressed: type[0] == 'z');
            at += (int)Math.Min(int.MaxValue - at, length + 12L);
        }
        return old ?? SKEncodedOrigin.TopLeft;
    }

    private static SKEncodedOrigin? OfExif(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
            exif = exif[6..];
        if (exif.Length < 8 || !(exif.StartsWith("II*\0"u8) || exif.StartsWith("MM\0*"u8)))
            return null;
        var little = exif[0] == 'I';
        var directory = Integer(exif, 4, little);
        if (directory > exif.Length - 2)
            return null;
        var entries = exif[((int)directory + 2)..];
        for (var i = Short(exif, (int)directory, little); i > 0 && entries.Length >= 12; i--, entries = entries[12..])
        {
            if (Short(entries, 0, little) != OrientationTag)
                continue;
            var value = Short(entries, 2, little) switch
            {
                1 => entries[8],
                3 => Short(entries, 8, little),
                4 => Integer(entries, 8, little),
                _ => 0u,
            };
            return value is >= 1 and <= 8 ? (SKEncodedOrigin)value : null;
        }
        return null;
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little
            ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..])
            : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static uint Integer(ReadOnlySpan<byte> bytes, int at, bool little) =>
        little
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..])
            : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);

    // "Raw profile type exif", then a line with the name, one with the length, and the bytes as hexadecimal digits.
    private static SKEncodedOrigin? OfText(ReadOnlySpan<byte> data, bool compressed)
    {
        var end = data.IndexOf((byte)0);
        if (end < 0 || !(data[..end].SequenceEqual("Raw profile type exif"u8)
            || data[..end].SequenceEqual("Raw profile type APP1"u8)))
        {
            return null;
        }
        if (Text(data[(end + 1)..], compressed) is not { } text)
            return null;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length < 3
            || !int.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return null;
        }
        var digits = string.Concat(lines.Skip(2));
        return length * 2L == digits.Length && digits.All(char.IsAsciiHexDigit)
            ? OfExif(Convert.FromHexString(digits))
            : null;
    }

    private static string? Text(ReadOnlySpan<byte> data, bool compressed)
    {
        if (!compressed)
            return Encoding.Latin1.GetString(data);
        if (data.IsEmpty)
            return null;
        try
        {
            using var zlib = new ZLibStream(
                new MemoryStream(data[1..].ToArray(), writable: false), CompressionMode.Decompress);
            var text = new byte[LongestProfile];
            return Encoding.Latin1.GetString(text, 0, zlib.ReadAtLeast(text, text.Length, throwOnEndOfStream: false));
        }
        catch (InvalidDataException)
        {
            return null; // a damaged remark does not make the picture unreadable
        }
    }
}
