using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Paints the background of the person: a plain wall, a gradient, or out-of-focus things.</summary>
internal static class BackgroundPainter
{
    public static void Paint(SKCanvas canvas, GarmentLook look, SeededRandom random)
    {
        var kind = random.Next(3);
        var end = new SKPoint((float)random.NextDouble(0, look.Width), look.Height);
        using var gradient = SKShader.CreateLinearGradient(new SKPoint(0, 0), end,
            [look.Background, kind == 0 ? look.Background : look.BackgroundTwo], null, SKShaderTileMode.Clamp);
        using var wall = new SKPaint { Shader = gradient };
        canvas.DrawRect(0, 0, look.Width, look.Height, wall);
        if (kind == 2)
            PaintThings(canvas, look, random);
    }

    private static void PaintThings(SKCanvas canvas, GarmentLook look, SeededRandom random)
    {
        using var softness = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, look.Width * 0.03f);
        for (var i = random.Next(3, 8); i > 0; i--)
        {
            using var thing = new SKPaint
            {
                Color = GarmentLook.Mix(look.Background, look.BackgroundTwo, random.NextDouble(0.5, 1)),
                MaskFilter = softness,
            };
            canvas.DrawOval(
                (float)random.NextDouble(0, look.Width), (float)random.NextDouble(0, look.Height),
                (float)random.NextDouble(0.05, 0.3) * look.Width,
                (float)random.NextDouble(0.05, 0.3) * look.Height, thing);
        }
    }
}
