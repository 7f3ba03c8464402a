using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Flixstock.Engine;
using SkiaSharp;

namespace Flixstock.Tests.Data;

/// <summary>
/// The EXIF orientation of PNG, wherever and however it is written, and of WebP: turned where that is asked for, as
/// Pillow turns them.
/// </summary>
public class PictureTurningTests
{
    private static readonly RgbPicture Stored = TemporaryFolder.SmallPicture(3, 9, 5);

    [Test]
    public void AChunkBeforeOrBehindThePixels([Range(0, 9)] int orientation, [Values] bool behind, [Values] bool little)
    {
        var file = WithChunk("eXIf", Exif(orientation, little), behind);
        RequireTurned(file, orientation is >= 1 and <= 8 ? orientation : 1);
    }

    [Test]
    public void AProfileAsImageMagickWroteIt([Values] bool compressed, [Values("exif", "APP1")] string name)
    {
        var exif = Encoding.Latin1.GetBytes("Exif\0\0").Concat(Exif(6, little: false)).ToArray();
        var text = Encoding.Latin1.GetBytes($"\n{name}\n{exif.Length,8}\n{Convert.ToHexStringLower(exif[..20])}\n"
            + $"{Convert.ToHexStringLower(exif[20..])}\n");
        var keyword = Encoding.Latin1.GetBytes($"Raw profile type {name}\0");
        RequireTurned(
            WithChunk(
                compressed ? "zTXt" : "tEXt",
                compressed ? [.. keyword, 0, .. Zlib(text)] : [.. keyword, .. text], behind: false),
            6);
    }

    [Test]
    public void TheChunkCountsBeforeTheOldProfile()
    {
        var file = WithChunk("eXIf", Exif(3, little: true), behind: true);
        RequireTurned(file, 3);
        // as some programs write it
        RequireTurned(
            WithChunk("eXIf", [.. Encoding.Latin1.GetBytes("Exif\0\0"), .. Exif(8, little: true)], behind: false), 8);
    }

    [TestCase("")]
    [TestCase("II*\0")]
    [TestCase("II*\0\u00FF\u00FF\u00FF\u00FF")]
    [TestCase("MM\0*\0\0\0\u0008\u00FF\u00FF")]
    [TestCase("nothing of the kind")]
    public void AChunkThatSaysNothingTurnsNothing(string exif) =>
        RequireTurned(WithChunk("eXIf", Encoding.Latin1.GetBytes(exif), behind: false), 1);

    [Test]
    public void AWebPIsTurnedAsPillowTurnsIt()
    {
        var expected = Golden.Json("tiff/expected.json").GetProperty("orientation6.webp");
        var picture = PictureDecoder.Decode(Golden.PathOf("tiff/orientation6.webp"), exifRotate: true);
        Assert.That((picture.Width, picture.Height), Is.EqualTo((17, 23)));
        Assert.That(
            Convert.ToHexStringLower(SHA256.HashData(picture.Pixels)),
            Is.EqualTo(expected.GetProperty("sha256").GetString()));
    }

    private static void RequireTurned(byte[] file, int orientation)
    {
        Assert.That(PictureDecoder.Decode(file, "x.png").Pixels, Is.EqualTo(Stored.Pixels), "not asked for");
        Assert.That(
            PictureDecoder.Decode(file, "x.png", exifRotate: true).Pixels,
            Is.EqualTo(TurnedPicture.Of(Stored, (SKEncodedOrigin)orientation).Pixels));
    }

    // One entry: the orientation, a SHORT.
    private static byte[] Exif(int orientation, bool little) => little
        ? [
            (byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, (byte)orientation, 0, 0, 0, 0, 0,
            0, 0,
        ]
        : [
            (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0,
            0, 0,
        ];

    private static byte[] WithChunk(string type, byte[] data, bool behind)
    {
        var png = PictureWriter.EncodePng(Stored);
        var at = behind ? png.Length - 12 : 8 + 25; // before IEND, or behind IHDR
        var body = Encoding.Latin1.GetBytes(type).Concat(data).ToArray();
        var (length, sum) = (new byte[4], new byte[4]);
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(sum, Sum(body));
        return [.. png[..at], .. length, .. body, .. sum, .. png[at..]];
    }

    private static uint Sum(byte[] bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes)
        {
            sum ^= value;
            for (var bit = 0; bit < 8; bit++)
                sum = (sum >> 1) ^ ((sum & 1) * 0xEDB88320);
        }
        return ~sum;
    }

    private static byte[] Zlib(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionMode.Compress, leaveOpen: true))
            zlib.Write(bytes);
        return packed.ToArray();
    }
}
