using CsCheck;
using Flixstock.Engine;

namespace Flixstock.Tests;

public sealed class PictureResizerTests
{
    private static StateDict Cases => Golden.KeptTensors("preprocess/resize.safetensors");

    private static IEnumerable<TestCaseData> Names => Golden.Cases(
        () => Cases.Names.Where(name => name.EndsWith(".src", StringComparison.Ordinal)).Select(name => name[..^4]));

    [TestCaseSource(nameof(Names))]
    public void Resizing_is_bit_exact_with_Pillow(string name)
    {
        var (source, expected) = (Cases[name + ".src"], Cases[name + ".dst"]);
        var picture = new RgbPicture(source.Shape[1], source.Shape[0], source.Data.ToArray());
        var filter = name.EndsWith("bicubic", StringComparison.Ordinal) ? ResizeFilter.Bicubic : ResizeFilter.Bilinear;
        Assert.That(PictureResizer.Resize(picture, expected.Shape[1], expected.Shape[0], filter).Pixels.AsSpan()
            .SequenceEqual(expected.Data.Span));
    }

    [Test]
    public void A_picture_of_one_colour_keeps_it_at_any_size()
    {
        var size = Gen.Int[1, 60];
        Check.Sample(Gen.Select(size, size, size, size, Gen.Byte, Gen.Bool), (
            width, height, newWidth, newHeight, value, cubic) =>
        {
            var picture = new RgbPicture(width, height);
            Array.Fill(picture.Pixels, value);
            var resized = PictureResizer.Resize(
                picture, newWidth, newHeight, cubic ? ResizeFilter.Bicubic : ResizeFilter.Bilinear);
            return resized.Pixels.All(pixel => pixel == value);
        }, iter: 300);
    }

    [Test]
    public void Mirroring_and_resizing_can_change_places()
    {
        // Symmetric filters; the weights' rounding is symmetric too, so equality is exact up to sums of doubles in
        // another order.
        Check.Sample(Gen.Select(Gen.Int[2, 40], Gen.Int[2, 40], Gen.ULong), (width, newWidth, seed) =>
        {
            var random = new SeededRandom(seed);
            var picture = new RgbPicture(
                width, 3, [.. Enumerable.Range(0, width * 9).Select(_ => (byte)random.Next(256))]);
            var one = Mirror(PictureResizer.Resize(picture, newWidth, 3));
            var other = PictureResizer.Resize(Mirror(picture), newWidth, 3);
            return one.Pixels.Zip(other.Pixels).All(pair => Math.Abs(pair.First - pair.Second) <= 1);
        }, iter: 200);
    }

    private static RgbPicture Mirror(RgbPicture picture)
    {
        var result = new RgbPicture(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            for (var x = 0; x < picture.Width; x++)
            {
                picture.Pixels.AsSpan(((y * picture.Width) + x) * 3, 3)
                    .CopyTo(result.Pixels.AsSpan(((y * picture.Width) + picture.Width - 1 - x) * 3));
            }
        }
        return result;
    }

    [Test]
    public void APictureTooThinForTheStepBetweenIsRefused() => Assert.That(
        () => PictureResizer.Resize(new RgbPicture(1, 900_000), 4096, 64),
        Throws.TypeOf<InputException>().With.Message.Contains("1 x 900000 pixels"));
}
