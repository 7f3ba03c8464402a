using Flixstock.Engine;
using SkiaSharp;

namespace Flixstock.Tests.Data;

/// <summary>libjpeg-turbo next to Skia: the same pixels, and the same words for files that are damaged.</summary>
public sealed class TurboJpegTests
{
    private static TurboJpeg Library
    {
        get
        {
            if (TurboJpeg.Instance is null)
                Assert.Ignore(TurboJpeg.Note);
            return TurboJpeg.Instance!;
        }
    }

    [Test]
    public void PixelsAreThoseOfSkia(
        [Values(1, 8, 17, 250)] int width, [Values(1, 16, 33, 255)] int height,
        [Values] SKJpegEncoderDownsample sampling, [Values(30, 92)] int quality)
    {
        var file = Encode(width, height, SKColorType.Rgba8888, sampling, quality);
        var (fast, skia) = (Decode(file, Library), Decode(file, null));
        Assert.That(Decoded(file, Library), Is.True, "left to Skia");
        Assert.That(fast, Same.As(skia));
    }

    [Test]
    public void GreyIsDecodedToo()
    {
        var file = Encode(45, 37, SKColorType.Gray8, SKJpegEncoderDownsample.Downsample444, 80);
        Assert.That(Decoded(file, Library), Is.True);
        Assert.That(Decode(file, Library), Same.As(Decode(file, null)));
    }

    [Test]
    public void EveryJpegOfTheGoldenPicturesIsTheSame()
    {
        var files = Directory.EnumerateFiles(Repository.Find("tests", "golden"), "*.*", SearchOption.AllDirectories)
            .Where(path => path.EndsWith(".jpg", StringComparison.Ordinal)
                || path.EndsWith(".jpeg", StringComparison.Ordinal)).ToList();
        Assert.That(files, Is.Not.Empty);
        foreach (var path in files)
        {
            var file = File.ReadAllBytes(path);
            Assert.That(Outcome(file, Library), Is.EqualTo(Outcome(file, null)), path);
        }
    }

    [Test]
    public void DamagedFilesEndAsWithoutIt([Values] SKJpegEncoderDownsample sampling)
    {
        var whole = Encode(64, 48, SKColorType.Rgba8888, sampling, 85);
        for (var length = 1; length < whole.Length; length += 7)
            Assert.That(Outcome(whole[..length], Library), Is.EqualTo(Outcome(whole[..length], null)), $"{length}");
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            // Pixels of coefficients that no encoder writes may differ: SIMD saturates where plain C wraps around.
            Assert.That(Refusal(damaged, Library), Is.EqualTo(Refusal(damaged, null)), $"damage {i}");
        }
    }

    [Test]
    public void LargePicturesAndOtherFormatsAreLeftToSkia()
    {
        var large = Encode(2049, 2048, SKColorType.Rgba8888, SKJpegEncoderDownsample.Downsample420, 50);
        Assert.That(Decoded(large, Library), Is.False);
        using var bitmap = Noise(20, 10, SKColorType.Rgba8888);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        Assert.That(Decoded(png.ToArray(), Library, new SKSizeI(20, 10)), Is.False);
    }

    [Test]
    public void TheNoteSaysWhatDecodes() => Assert.That(TurboJpeg.Note, TurboJpeg.Instance is null
        ? Does.Contain("Skia").And.Contain("install")
        : Does.Contain("libjpeg-turbo").And.Not.Contain("install"));

    private static bool Decoded(byte[] file, TurboJpeg library, SKSizeI? size = null) =>
        library.TryDecode(file, size ?? Size(file), new PictureMeasure());

    private static SKSizeI Size(byte[] file)
    {
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data);
        return codec.Info.Size;
    }

    private static byte[] Decode(byte[] file, TurboJpeg? fast)
    {
        var sink = new PictureCollector();
        SkiaPicture.Decode(file, "picture", exifRotate: false, PictureReading.Standard, least: null, sink, fast);
        return sink.Picture.Pixels;
    }

    // The pixels' checksum or the refusal's words.
    private static string Outcome(byte[] file, TurboJpeg? fast)
    {
        try
        {
            return Convert.ToHexString(System.IO.Hashing.XxHash128.Hash(Decode(file, fast)));
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }

    private static string? Refusal(byte[] file, TurboJpeg? fast) =>
        Outcome(file, fast) is { } outcome && outcome.Contains(' ', StringComparison.Ordinal) ? outcome : null;

    private static byte[] Encode(
        int width, int height, SKColorType type, SKJpegEncoderDownsample sampling, int quality)
    {
        using var bitmap = Noise(width, height, type);
        using var pixels = bitmap.PeekPixels();
        using var data = pixels.Encode(new SKJpegEncoderOptions(quality, sampling, SKJpegEncoderAlphaOption.Ignore));
        return data!.ToArray();
    }

    private static SKBitmap Noise(int width, int height, SKColorType type)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, type, SKAlphaType.Opaque));
        new Random(width * 1000 + height).NextBytes(bitmap.GetPixelSpan());
        return bitmap;
    }
}
