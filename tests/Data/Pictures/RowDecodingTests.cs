using System.IO.Compression;
using Flixstock.Engine;
using SkiaSharp;

namespace Flixstock.Tests.Data;

/// <summary>Pictures that go row by row into what is made of them are those that are decoded whole.</summary>
public sealed class RowDecodingTests
{
    [Test]
    public void RowsAreResizedToTheSameBytes([Values] ResizeFilter filter)
    {
        var random = new Random(5);
        foreach (var (from, to) in new[]
        {
            ((97, 61), (24, 24)), ((24, 61), (24, 24)), ((97, 24), (24, 24)), ((24, 24), (24, 24)), ((3, 2), (40, 33)),
            ((1, 300), (17, 5)), ((300, 1), (5, 17)), ((640, 480), (33, 200)),
        })
        {
            var picture = new RgbPicture(from.Item1, from.Item2);
            random.NextBytes(picture.Pixels);
            var expected = PictureResizer.Resize(picture, to.Item1, to.Item2, filter);
            var actual = new byte[expected.Pixels.Length];
            var rows = new RowResizer(to.Item1, to.Item2, filter, actual);
            rows.Begin(picture.Width, picture.Height);
            for (var y = 0; y < picture.Height; y++)
                rows.Row(picture.Pixels.AsSpan(y * picture.Width * 3, picture.Width * 3));
            Assert.That(actual, Is.EqualTo(expected.Pixels), $"{from} to {to}");
        }
    }

    [Test]
    public void LargePicturesOfEveryWayOfDecodingAreWhatSkiaGivesWhole(
        [Values("jpeg", "png", "interlaced", "webp")] string kind)
    {
        var picture = Noise(2600, 1700, seed: 3);
        var file = kind switch
        {
            "jpeg" => PictureWriter.EncodeJpeg(picture, 80),
            "webp" => Encoded(picture, SKEncodedImageFormat.Webp),
            "png" => PngMaker.Of(
                picture.Width, picture.Height,
                y => picture.Pixels.AsSpan(y * picture.Width * 3, picture.Width * 3).ToArray()),
            _ => PngMaker.Interlaced(40, 30),
        };
        Assert.That(PictureDecoder.Decode(file, kind).Pixels, Same.As(ByGetPixels(file)));
        foreach (var length in new[] { file.Length / 3, file.Length - 40 })
        {
            Assert.That(
                () => PictureDecoder.Decode(file.AsSpan(0, length), "cut"),
                Throws.InstanceOf<PictureException>().With.Message.StartsWith("cut: ").And.Message.Contains("truncated")
                    .Or.Message.Contains("corrupt"),
                $"{length} of {file.Length} bytes");
        }
    }

    [Test]
    public void TurnedRowsAreTheTurnedPicture([Range(1, 8)] int orientation)
    {
        var stored = Noise(9, 5, 1);
        var turned = new PictureCollector();
        IPictureSink sink = orientation == 1 ? turned : new TurningSink(turned, (SKEncodedOrigin)orientation);
        sink.Begin(9, 5);
        for (var y = 0; y < 5; y++)
            sink.Row(stored.Pixels.AsSpan(y * 27, 27));
        Assert.That(turned.Picture.Pixels, Is.EqualTo(TurnedPicture.Of(stored, (SKEncodedOrigin)orientation).Pixels));
    }

    [Test]
    public void ReadingALargeJpegTakesNoMemoryForAllOfIt()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.jpg"], PictureWriter.EncodeJpeg(Noise(2000, 1500, 2), 30));
        var (sample, pixels) = (new Sample("a.jpg", folder["a.jpg"], []), new byte[32 * 32 * 3]);
        sample.Prepare(new(32), pixels);
        var before = GC.GetAllocatedBytesForCurrentThread();
        sample.Prepare(new(32), pixels);
        Assert.That(
            GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(new FileInfo(sample.Path).Length + 200_000),
            "9 MB of RGB are not kept");
    }

    [Test]
    public void ScaledDecodingGivesOtherPixelsAndIsAskedFor()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.jpg"], PictureWriter.EncodeJpeg(Noise(640, 480, 2)));
        var (whole, scaled) = (new byte[32 * 32 * 3], new byte[32 * 32 * 3]);
        var sample = new Sample("a.jpg", folder["a.jpg"], []);
        Assert.That(sample.Prepare(new(32), whole), Is.EqualTo((640, 480)));
        var size = (sample with { Reading = new PictureReading { Scaled = true } })
            .Prepare(new(32), scaled);
        Assert.That(size.Width, Is.InRange(64, 320));
        Assert.That(scaled, Is.Not.EqualTo(whole));
        Assert.That(scaled.Zip(whole, (a, b) => Math.Abs(a - b)).Average(), Is.LessThan(10));
    }

    internal static RgbPicture Noise(int width, int height, int seed)
    {
        var picture = new RgbPicture(width, height);
        var coarse = new RgbPicture(Math.Max(1, width / 20), Math.Max(1, height / 20));
        new Random(seed).NextBytes(coarse.Pixels);
        PictureResizer.Resize(coarse, width, height, ResizeFilter.Bilinear, picture.Pixels);
        return picture;
    }

    internal static byte[] Encoded(RgbPicture picture, SKEncodedImageFormat format)
    {
        using var bitmap = PictureWriter.ToBitmap(picture);
        using var data = bitmap.Encode(format, 80);
        return data.ToArray();
    }

    private static byte[] ByGetPixels(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        using var bitmap = new SKBitmap(new SKImageInfo(
            codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null));
        Assert.That(codec.GetPixels(bitmap.Info, bitmap.GetPixels()), Is.EqualTo(SKCodecResult.Success));
        return [.. bitmap.GetPixelSpan().ToArray().Chunk(4).SelectMany(pixel => pixel[..3])];
    }
}

/// <summary>PNG files of any declared size, written chunk by chunk.</summary>
internal static class PngMaker
{
    public static byte[] Of(int width, int height, Func<int, byte[]> row, byte colourType = 2)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height; y++)
            {
                zlib.WriteByte(0);
                zlib.Write(row(y));
            }
        }
        return Assemble(width, height, colourType, interlaced: false, packed.ToArray());
    }

    /// <summary>A picture whose seven passes hold rising bytes.</summary>
    public static byte[] Interlaced(int width, int height)
    {
        (int X, int Y, int DX, int DY)[] passes =
        [
            (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
        ];
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte value = 0;
            foreach (var (left, top, dx, dy) in passes)
            {
                for (var y = top; y < height; y += dy)
                {
                    zlib.WriteByte(0);
                    for (var x = left; x < width; x += dx)
                        zlib.Write([value++, (byte)x, (byte)y]);
                }
            }
        }
        return Assemble(width, height, 2, interlaced: true, packed.ToArray());
    }

    /// <summary>A file that says how large it is and holds next to nothing.</summary>
    public static byte[] Bomb(int width, int height) =>
        Assemble(width, height, 2, interlaced: false, [0x78, 0x9C, 3, 0, 0, 0, 0, 1]);

    private static byte[] Assemble(int width, int height, byte colourType, bool interlaced, byte[] packed)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(
            file, "IHDR", [.. BigEndian(width), .. BigEndian(height), 8, colourType, 0, 0, (byte)(interlaced ? 1 : 0)]);
        foreach (var piece in packed.Chunk(8192))
            Chunk(file, "IDAT", piece);
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(MemoryStream file, string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        file.Write(BigEndian(data.Length));
        file.Write(body);
        file.Write(BigEndian((int)System.IO.Hashing.Crc32.HashToUInt32(body)));
    }

    private static byte[] BigEndian(int value) =>
        [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
