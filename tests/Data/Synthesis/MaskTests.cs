using Flixstock.Engine;
using SkiaSharp;

namespace Flixstock.Tests.Data;

/// <summary>Masks show where the drawn picture has its parts.</summary>
public sealed class MaskTests
{
    private const int Size = 128, Short = 1, Long = 3;

    // Levels: where an opening is cut out of the body, its other edges are rounded anew.
    private const int Rounding = 12;

    [Test]
    public void AnotherSleeveChangesThePictureInItsMasksAlone([Range(0, 6)] int neck, [Values(3ul, 5ul)] ulong seed)
    {
        using var brief = Paint(neck, Short, seed);
        using var full = Paint(neck, Long, seed);
        using var briefMask = Mask(GarmentPart.Sleeve, neck, Short, seed);
        using var fullMask = Mask(GarmentPart.Sleeve, neck, Long, seed);
        var (added, changed) = (0, 0);
        for (var i = 0; i < full.Width * full.Height; i++)
        {
            var (x, y) = (i % full.Width, i / full.Width);
            var differs = brief.GetPixel(x, y) != full.GetPixel(x, y);
            // Half a pixel of an edge, and what the camera's blur carries on: its reach is three deviations of 0.75 %.
            if (differs)
                Assert.That(Near(briefMask, x, y) || Near(fullMask, x, y), Is.True, $"{x}, {y}");
            if (IsOn(fullMask, x, y) && !IsOn(briefMask, x, y))
            {
                added++;
                changed += differs ? 1 : 0;
            }
        }
        Assert.That(added, Is.GreaterThan(1000));
        Assert.That((double)changed / added, Is.GreaterThan(0.95), "the longer sleeve is in its mask");
    }

    [Test]
    public void AnotherNeckChangesThePictureInItsMasksAlone([Values(1, 2, 5, 6)] int neck)
    {
        using var boat = Paint(0, Short, 4);
        using var other = Paint(neck, Short, 4);
        using var boatMask = Mask(GarmentPart.Neck, 0, Short, 4);
        using var otherMask = Mask(GarmentPart.Neck, neck, Short, 4);
        for (var i = 0; i < boat.Width * boat.Height; i++)
        {
            var (x, y) = (i % boat.Width, i / boat.Width);
            if (Difference(boat.GetPixel(x, y), other.GetPixel(x, y)) <= Rounding || (neck == 5 && IsOnPlacket(x, y)))
                continue;
            Assert.That(Near(boatMask, x, y) || Near(otherMask, x, y), Is.True, $"{x}, {y}");
        }

        // The row of buttons below a shirt's collar is the body's.
        bool IsOnPlacket(int x, int y) => y > boat.Height * 0.3 && Math.Abs(x - (boat.Width / 2)) < boat.Width * 0.14;
    }

    [Test]
    public void ASleevelessGarmentHasNoSleevesAndEveryOneHasANeckline([Range(0, 6)] int neck)
    {
        using var sleeves = Mask(GarmentPart.Sleeve, neck, 0, 1);
        using var neckline = Mask(GarmentPart.Neck, neck, 0, 1);
        Assert.That(sleeves.GetPixelSpan().IndexOf((byte)255), Is.Negative);
        Assert.That(neckline.GetPixelSpan().Count((byte)255), Is.GreaterThan(200));
        Assert.That(neckline.GetPixelSpan().IndexOfAnyExcept((byte)0, (byte)255), Is.Negative, "nothing between");
    }

    [Test]
    public void MasksComeWithPicturesThatAreTheSameAsWithout()
    {
        using var plain = new TemporaryFolder();
        using var masked = new TemporaryFolder();
        var options = new SynthesisOptions { Count = 6, Size = 48, Seed = 7 };
        GarmentSynthesizer.Draw(plain.Path, options);
        GarmentSynthesizer.Draw(masked.Path, options with { Masks = true });
        foreach (var picture in Directory.GetFiles(new DatasetLayout(plain.Path).CleanedImages))
        {
            var name = Path.GetFileName(picture);
            var own = Path.Combine(new DatasetLayout(masked.Path).CleanedImages, name);
            Assert.That(File.ReadAllBytes(own), Same.As(File.ReadAllBytes(picture)));
            var size = new Sample(own, own, []).Decode();
            foreach (var part in new[] { "neck", "sleeve" })
            {
                var file = masked[$"masks/{part}/{Path.ChangeExtension(name, ".png")}"];
                var mask = new Sample(file, file, []).Decode();
                Assert.That((mask.Width, mask.Height), Is.EqualTo((size.Width, size.Height)));
            }
        }
        GarmentSynthesizer.Draw(masked.Path, options with { Seed = 8, Overwrite = true });
        Assert.That(
            Directory.GetFiles(masked["masks"], "*", SearchOption.AllDirectories), Is.Empty,
            "masks of other pictures are gone");
    }

    private static int Difference(SKColor a, SKColor b) =>
        Math.Max(Math.Abs(a.Red - b.Red), Math.Max(Math.Abs(a.Green - b.Green), Math.Abs(a.Blue - b.Blue)));

    private static SKBitmap Paint(int neck, int sleeve, ulong seed) =>
        GarmentPainter.Paint([neck, sleeve, 9], new SeededRandom(seed), Size);

    private static SKBitmap Mask(GarmentPart part, int neck, int sleeve, ulong seed) =>
        GarmentPainter.PaintMask(part, [neck, sleeve, 9], new SeededRandom(seed), Size);

    private static bool IsOn(SKBitmap mask, int x, int y) => mask.GetPixelSpan()[(y * mask.RowBytes) + x] == 255;

    private static bool Near(SKBitmap mask, int x, int y)
    {
        const int Reach = 4;
        for (var i = Math.Max(0, y - Reach); i <= Math.Min(mask.Height - 1, y + Reach); i++)
        {
            for (var j = Math.Max(0, x - Reach); j <= Math.Min(mask.Width - 1, x + Reach); j++)
            {
                if (IsOn(mask, j, i))
                    return true;
            }
        }
        return false;
    }
}
