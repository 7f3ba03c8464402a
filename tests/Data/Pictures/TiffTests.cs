using System.Buffers.Binary;
using System.Security.Cryptography;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>
/// TIFF: the pixels that Pillow gives, whatever the compression, planes, tiles and bits; damaged and foreign files in a
/// line.
/// </summary>
public class TiffTests
{
    private static IEnumerable<TestCaseData> Names => Golden.Cases(
        () => Golden.Json("tiff/expected.json").EnumerateObject().Select(entry => entry.Name)
            .Where(name => name.EndsWith(".tif", StringComparison.Ordinal)));

    [TestCaseSource(nameof(Names))]
    public void EveryKindBecomesTheRgbThatPillowGives(string name)
    {
        var expected = Golden.Json("tiff/expected.json").GetProperty(name);
        var picture = PictureDecoder.Decode(Golden.PathOf($"tiff/{name}"));
        Assert.That(
            (picture.Width, picture.Height),
            Is.EqualTo((expected.GetProperty("width").GetInt32(), expected.GetProperty("height").GetInt32())));
        Assert.That(
            Convert.ToHexStringLower(SHA256.HashData(picture.Pixels)),
            Is.EqualTo(expected.GetProperty("sha256").GetString()));
    }

    [TestCase("grey16_le.tif")]
    [TestCase("grey16_be.tif")]
    public void SixteenBitsOfGreyAreScaledAndNotClipped(string name)
    {
        // Made of 257 times the red of the same picture in 8 bits; old versions of Pillow clip it.
        var red = PictureDecoder.Decode(Golden.PathOf("tiff/rgb_raw.tif")).Pixels.Where((_, i) => i % 3 == 0);
        Assert.That(
            PictureDecoder.Decode(Golden.PathOf($"tiff/{name}")).Pixels.Where((_, i) => i % 3 == 1), Is.EqualTo(red));
    }

    [Test]
    public void TheOrientationIsAppliedOnlyWhenAskedFor([Range(0, 9)] int orientation)
    {
        var file = File.ReadAllBytes(Golden.PathOf("tiff/orientation1.tif"));
        byte[] entry = [0x12, 0x01, 3, 0, 1, 0, 0, 0];
        file[file.AsSpan().IndexOf(entry) + 8] = (byte)orientation;
        var stored = PictureDecoder.Decode(file, "x");
        Assert.That(stored.Pixels, Is.EqualTo(PictureDecoder.Decode(Golden.PathOf("tiff/rgb_raw.tif")).Pixels));
        var turned = PictureDecoder.Decode(file, "x", exifRotate: true);
        var known = orientation is >= 1 and <= 8 ? orientation : 1;
        Assert.That(turned.Pixels, Is.EqualTo(TurnedPicture.Of(stored, (SkiaSharp.SKEncodedOrigin)known).Pixels));
        Assert.That(turned.Width, Is.EqualTo(known >= 5 ? stored.Height : stored.Width));
    }

    [Test]
    public void TheContentDecidesAndNotTheEnding()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tiff.jpg", File.ReadAllBytes(Golden.PathOf("tiff/palette_lzw.tif")));
        folder.Write("jpeg.tif", TemporaryFolder.SmallJpeg(1));
        Assert.That(PictureDecoder.Decode(folder["tiff.jpg"]).Width, Is.EqualTo(23));
        Assert.That(PictureDecoder.Decode(folder["jpeg.tif"]).Width, Is.EqualTo(20));
    }

    [Test]
    public void DamagedFilesNeverDoWorseThanOneLine()
    {
        foreach (var name in new[]
        {
            "rgb_tiff_lzw.tif", "rgb_jpeg.tif", "tiled.tif", "planar_strips.tif", "palette4.tif", "bilevel_g4.tif",
            "big.tif", "ycbcr_lzw.tif",
        })
        {
            var file = File.ReadAllBytes(Golden.PathOf($"tiff/{name}"));
            var random = new SeededRandom(5).Derive(name);
            for (var round = 0; round < 60; round++)
            {
                var damaged = round % 2 == 0 ? file[..random.Next(1, file.Length)] : file.ToArray();
                for (var i = random.Next(3); i >= 0; i--)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                try
                {
                    Assert.That(PictureDecoder.Decode(damaged, name).Width, Is.Positive);
                }
                catch (PictureException e)
                {
                    Assert.That(e.Message, Does.Contain(name).And.Not.Contain("\n"));
                }
            }
        }
    }

    [TestCase("rgb_raw.tif", 600)]
    [TestCase("rgb_tiff_adobe_deflate.tif", 400)]
    [TestCase("tiled.tif", 2000)]
    [TestCase("ycbcr_lzw.tif", 300)]
    public void ACutFileIsCalledTruncated(string name, int length)
    {
        var file = File.ReadAllBytes(Golden.PathOf($"tiff/{name}"));
        Assert.That(length, Is.LessThan(file.Length), "the cut is one");
        Assert.That(
            () => PictureDecoder.Decode(file.AsSpan(0, length), name),
            Throws.InstanceOf<PictureException>().With.Message.Contains(name).And.Message.Contains("truncated"));
    }

    [Test]
    public void WhatIsWholeButNotReadIsCalledWhatItIs()
    {
        Golden.Require();
        Assert.That(() => PictureDecoder.Decode(Golden.PathOf("tiff/float.tif")), Throws.InstanceOf<PictureException>()
            .With.Message.Contains("floating-point samples of 32 bits").And.Message.Contains("save it as"));
        var file = File.ReadAllBytes(Golden.PathOf("tiff/rgb_raw.tif"));
        Assert.That(
            () => PictureDecoder.Decode(With(file, 0x0103, 50000), "x.tif"),
            Throws.InstanceOf<PictureException>().With.Message.Contains("x.tif").And.Message.Contains("compression"));
        Assert.That(
            () => PictureDecoder.Decode(With(file, 0x0106, 32803), "x.dng"),
            Throws.InstanceOf<PictureException>().With.Message.Contains("raw file"));
        Assert.That(
            () => PictureDecoder.Decode(With(file, 0x0100, 0), "x.tif"),
            Throws.InstanceOf<PictureException>().With.Message.Contains("x.tif"));
    }

    [TestCase("\0\0\0\u0018ftypavif\0\0\0\0", "an AVIF picture")]
    [TestCase("\0\0\0\u0018ftypheic\0\0\0\0", "a HEIC picture")]
    [TestCase("\0\0\0\u0018ftypmif1\0\0\0\0", "a HEIC picture")]
    [TestCase("\0\0\0\u0018ftypmp42\0\0\0\0", "a video")]
    [TestCase("8BPS\0\u0001\0\0\0\0\0\0", "a Photoshop file")]
    [TestCase("%PDF-1.7 and more", "a PDF")]
    [TestCase("<!DOCTYPE html><html>404</html>", "a web page")]
    [TestCase("version https://git-lfs.github.com/spec/v1\n", "git lfs pull")]
    [TestCase("anything else that is text", "not a picture that can be read")]
    public void OtherKindsAreCalledByTheirName(string start, string what) =>
        Assert.That(
            () => PictureDecoder.Decode(System.Text.Encoding.Latin1.GetBytes(start), "x.jpg"),
            Throws.InstanceOf<PictureException>().With.Message.StartsWith("x.jpg: ").And.Message.Contains(what).And
                .Message.Contains(";"));

    // Sets a SHORT or LONG of the first directory; the file is little endian.
    private static byte[] With(byte[] file, ushort tag, ushort value)
    {
        var copy = file.ToArray();
        var directory = BinaryPrimitives.ReadInt32LittleEndian(copy.AsSpan(4));
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(copy.AsSpan(directory)); i++)
        {
            var entry = copy.AsSpan(directory + 2 + (i * 12), 12);
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry) == tag)
                BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], value);
        }
        return copy;
    }
}
