using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>What is computed for many pixels at once is what is computed for each of them.</summary>
public sealed class PixelArithmeticTests
{
    private static readonly Gen<(byte[] Pixels, float Factor, byte From)> Rows = Gen.Select(
        Gen.Byte.Array[1, 90], Gen.Float[-1, 3], Gen.Byte,
        (bytes, factor, from) => (bytes.Concat(bytes).Concat(bytes).ToArray(), factor, from));

    [Test]
    public void ValuesAreBlendedAsSingleOnesAre() => Rows.Sample(one =>
    {
        byte[] expected = [.. one.Pixels.Select(value => PixelArithmetic.Blend(one.From, value, one.Factor))];
        PixelArithmetic.Blend(one.From, one.Pixels, one.Factor);
        Assert.That(one.Pixels, Is.EqualTo(expected));
    }, iter: 500);

    [Test]
    public void GreyIsSummedAndBlendedAsThatOfSinglePixelsIs() => Rows.Sample(one =>
    {
        var greys = one.Pixels.Chunk(3).Select(pixel => PixelArithmetic.Luma(pixel)).ToArray();
        Assert.That(PixelArithmetic.SumOfLuma(one.Pixels), Is.EqualTo(greys.Sum(grey => grey)));
        byte[] expected =
        [
            .. one.Pixels.Select((value, i) => PixelArithmetic.Blend(greys[i / 3], value, one.Factor)),
        ];
        PixelArithmetic.BlendWithGrey(one.Pixels, one.Factor);
        Assert.That(one.Pixels, Is.EqualTo(expected));
    }, iter: 500);

    [Test]
    public void AMirroredRowIsItsPixelsFromTheEnd() => Rows.Sample(one =>
    {
        var mirrored = new byte[one.Pixels.Length];
        PixelArithmetic.Mirror(one.Pixels, mirrored);
        Assert.That(mirrored, Is.EqualTo(one.Pixels.Chunk(3).Reverse().SelectMany(pixel => pixel)));
    }, iter: 300);

    [Test]
    public void AStretchedWindowIsTheAffineMapPixelByPixel() => Gen.Select(
        Gen.Int[1, 70], Gen.Int[1, 40], Gen.Double[0.05, 2.5], Gen.Double[0.05, 2.5], Gen.Double[-30, 60], Gen.ULong)
        .Sample((width, height, scaleX, scaleY, shift, seed) =>
        {
            var random = new SeededRandom(seed);
            var expected = Array.ConvertAll(new byte[width * height * 3], _ => (byte)random.Next(256));
            byte[] pixels = [.. expected];
            new PixelCanvas(expected, new byte[expected.Length], width, height)
                .AffineBicubicByPixel(scaleX, 0, shift, 0, scaleY, shift / 2);
            new PixelCanvas(pixels, new byte[pixels.Length], width, height)
                .AffineBicubic(scaleX, 0, shift, 0, scaleY, shift / 2);
            Assert.That(pixels, Is.EqualTo(expected));
        }, iter: 300);

    [Test]
    public void AugmentedPicturesAreThoseOfEarlierVersions()
    {
        // A run that continues must see the pictures that it would have seen.
        var picture = TemporaryFolder.SmallPicture(3, 61, 47);
        var hash = new System.IO.Hashing.XxHash64();
        for (var i = 0UL; i < 20; i++)
        {
            byte[] pixels = [.. picture.Pixels];
            PictureAugmentation.Apply(
                AugmentationKind.Garments, pixels, picture.Width, picture.Height, new SeededRandom(1).Derive(i));
            hash.Append(pixels);
        }
        Assert.That($"{hash.GetCurrentHashAsUInt64():x16}", Is.EqualTo("04b10482597c4ccd"));
    }
}
