using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Effects that a camera adds: lack of focus, exposure, noise.</summary>
internal static class CameraEffects
{
    public static SKBitmap Apply(SKBitmap sharp, GarmentLook look, SeededRandom random)
    {
        var result = new SKBitmap(sharp.Info);
        using (var canvas = new SKCanvas(result))
        {
            var sigma = look.Blur * look.Width / 100;
            using var filter = sigma > 0 ? SKImageFilter.CreateBlur(sigma, sigma, SKShaderTileMode.Clamp) : null;
            using var paint = new SKPaint { ImageFilter = filter };
            canvas.DrawBitmap(sharp, 0, 0, paint);
        }
        AddNoise(result.GetPixelSpan(), look, random);
        return result;
    }

    private static void AddNoise(Span<byte> pixels, GarmentLook look, SeededRandom random)
    {
        for (var i = 0; i < pixels.Length; i++)
        {
            if (i % 4 == 3)
                continue; // alpha
            // The sum of four uniform numbers is near enough to a Gaussian, and exact on every platform.
            var bits = random.NextUInt64();
            var sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
            var gaussian = ((sum / 65535.0) - 2) * 1.732;
            pixels[i] = (byte)Math.Clamp((pixels[i] * look.Exposure) + (gaussian * look.Noise) + 0.5, 0, 255);
        }
    }
}
