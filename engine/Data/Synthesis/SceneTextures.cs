using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Fills a canvas's clip with a texture around the origin. Lengths are in periods: one period is 1.</summary>
internal static class SceneTextures
{
    private const int Reach = 8; // periods on either side

    public static void Paint(SKCanvas canvas, string name, SKPaint paint)
    {
        switch (name)
        {
            case "stripes": Stripes(canvas, paint, 0.5f); break;
            case "grid": Grid(canvas, paint); break;
            case "dots": Dots(canvas, paint); break;
            case "checks": Checks(canvas, paint); break;
            case "waves": Waves(canvas, paint); break;
            case "bricks": Bricks(canvas, paint); break;
            default: throw new ArgumentException($"there is no texture '{name}'", nameof(name));
        }
    }

    private static void Stripes(SKCanvas canvas, SKPaint paint, float width)
    {
        for (var i = -Reach; i <= Reach; i++)
            canvas.DrawRect(i, -Reach, width, 2 * Reach, paint);
    }

    private static void Grid(SKCanvas canvas, SKPaint paint)
    {
        canvas.Scale(1.25f);
        Stripes(canvas, paint, 0.26f);
        canvas.RotateDegrees(90);
        Stripes(canvas, paint, 0.26f);
    }

    private static void Dots(SKCanvas canvas, SKPaint paint)
    {
        for (var y = -Reach; y <= Reach; y++)
        {
            for (var x = -Reach; x <= Reach; x++)
                canvas.DrawCircle(x + ((y & 1) * 0.5f), y * 0.87f, 0.31f, paint);
        }
    }

    private static void Checks(SKCanvas canvas, SKPaint paint)
    {
        const float Side = 0.75f;
        for (var y = -Reach; y <= Reach; y++)
        {
            for (var x = -Reach + (y & 1); x <= Reach; x += 2)
                canvas.DrawRect(x * Side, y * Side, Side, Side, paint);
        }
    }

    private static void Waves(SKCanvas canvas, SKPaint paint)
    {
        (paint.Style, paint.StrokeWidth) = (SKPaintStyle.Stroke, 0.36f);
        for (var y = -Reach; y <= Reach; y++)
        {
            using var path = new SKPath();
            path.MoveTo(-Reach, y);
            for (var x = -Reach; x <= Reach; x++)
                path.RQuadTo(0.5f, (x & 1) == 0 ? 1.1f : -1.1f, 1, 0);
            canvas.DrawPath(path, paint);
        }
    }

    private static void Bricks(SKCanvas canvas, SKPaint paint)
    {
        for (var y = -Reach; y <= Reach; y++)
        {
            for (var x = -Reach; x <= Reach; x += 2)
                canvas.DrawRect(x + (y & 1) + 0.14f, (y * 0.95f) + 0.12f, 1.7f, 0.68f, paint);
        }
    }
}
