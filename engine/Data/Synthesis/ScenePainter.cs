using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Paints a planned scene. Sizes, angles and background carry no label. Colours say a little, as in photos: most things
/// of a class have its typical hue, the others any.
/// </summary>
internal static class ScenePainter
{
    /// <summary>The picture; the caller disposes of it.</summary>
    public static SKBitmap Paint(IReadOnlyList<SceneItem> items, SeededRandom random, int size)
    {
        NativeLibraryCheck.RequireSkia();
        var bitmap = new SKBitmap(
            new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Opaque, colorspace: null));
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Scale(size);
            var background = SKColor.FromHsl(
                (float)random.NextDouble(0, 360), (float)random.NextDouble(0, 30), (float)random.NextDouble(12, 92));
            Background(canvas, background, random);
            Clutter(canvas, random);
            foreach (var item in items)
                Item(canvas, item, background, random);
        }
        AddNoise(bitmap.GetPixelSpan(), random.NextDouble(1, 6), random);
        return bitmap;
    }

    private static void Background(SKCanvas canvas, SKColor colour, SeededRandom random)
    {
        var other = Mix(colour, Colour(random, 0.1, 0.9), random.NextDouble(0, 0.25));
        using var shader = SKShader.CreateLinearGradient(
            new SKPoint((float)random.NextDouble(), 0), new SKPoint((float)random.NextDouble(), 1), [colour, other],
            null, SKShaderTileMode.Clamp);
        using var paint = new SKPaint { Shader = shader };
        canvas.DrawRect(0, 0, 1, 1, paint);
    }

    // Lines and specks that are no class of anything.
    private static void Clutter(SKCanvas canvas, SeededRandom random)
    {
        using var paint = new SKPaint { IsAntialias = true, StrokeWidth = 0.02f };
        float Anywhere() => (float)random.NextDouble();
        for (var i = random.Next(3); i > 0; i--)
        {
            paint.Color = Colour(random, 0.1, 0.9);
            canvas.DrawLine(Anywhere(), Anywhere(), Anywhere(), Anywhere(), paint);
        }
        for (var i = random.Next(6); i > 0; i--)
        {
            paint.Color = Colour(random, 0.1, 0.9);
            canvas.DrawCircle(Anywhere(), Anywhere(), (float)random.NextDouble(0.01, 0.025), paint);
        }
    }

    private static void Item(SKCanvas canvas, SceneItem item, SKColor background, SeededRandom random)
    {
        canvas.Save();
        canvas.Translate((float)item.X, (float)item.Y);
        canvas.RotateDegrees((float)random.NextDouble(0, 360));
        if (SceneClasses.Textures.Contains(item.Name))
            Area(canvas, item, background, random);
        else
            Shape(canvas, item, background, random);
        canvas.Restore();
    }

    private static void Shape(SKCanvas canvas, SceneItem item, SKColor background, SeededRandom random)
    {
        using var outline = SceneShapes.Outline(item.Name);
        canvas.Scale((float)item.Radius, (float)(item.Radius * random.NextDouble(0.85, 1)));
        var colour = Contrasting(background, random, Hue(item.Name, random));
        using var fill = new SKPaint { Color = colour, IsAntialias = true };
        canvas.DrawPath(outline, fill);
        if (!random.NextBool(0.4))
            return;
        using var edge = new SKPaint
        {
            Color = Contrasting(colour, random),
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 0.12f,
        };
        canvas.DrawPath(outline, edge);
    }

    private static void Area(SKCanvas canvas, SceneItem item, SKColor background, SeededRandom random)
    {
        using var border = Blob(random);
        canvas.Scale((float)item.Radius);
        canvas.ClipPath(border, antialias: true);
        var ground = Mix(background, Colour(random, 0.2, 0.9), random.NextDouble(0, 0.4));
        canvas.DrawColor(ground);
        var period = (float)(random.NextDouble(0.1, 0.14) / item.Radius);
        canvas.RotateDegrees((float)random.NextDouble(0, 360));
        canvas.Translate((float)random.NextDouble(-0.5, 0.5) * period, (float)random.NextDouble(-0.5, 0.5) * period);
        canvas.Scale(period);
        using var paint =
            new SKPaint { Color = Contrasting(ground, random, Hue(item.Name, random)), IsAntialias = true };
        SceneTextures.Paint(canvas, item.Name, paint);
    }

    // A round outline with bumps, radius at most 1.
    private static SKPath Blob(SeededRandom random)
    {
        const int Corners = 9;
        var reach = Enumerable.Range(0, Corners).Select(_ => random.NextDouble(0.8, 1)).ToArray();
        SKPoint At(double corner)
        {
            var (first, share) = ((int)corner % Corners, corner - Math.Floor(corner));
            var radius = (reach[first] * (1 - share)) + (reach[(first + 1) % Corners] * share);
            var angle = 2 * Math.PI * corner / Corners;
            return new SKPoint((float)(radius * Math.Cos(angle)), (float)(radius * Math.Sin(angle)));
        }
        var path = new SKPath();
        path.MoveTo(At(0.5));
        for (var i = 1; i <= Corners; i++)
            path.QuadTo(At(i % Corners), At((i + 0.5) % Corners));
        path.Close();
        return path;
    }

    private static SKColor Colour(SeededRandom random, double darkest, double lightest) => SKColor.FromHsl(
        (float)random.NextDouble(0, 360), (float)random.NextDouble(15, 95),
        (float)random.NextDouble(darkest * 100, lightest * 100));

    // The class's own hue, or any, in degrees.
    private static double Hue(string name, SeededRandom random)
    {
        const double Typical = 0.7, Spread = 10;
        return random.NextBool(Typical)
            ? (360.0 * SceneClasses.Place(name) / SceneClasses.Names.Count) + random.NextDouble(-Spread, Spread) + 360
            : random.NextDouble(0, 360);
    }

    private static SKColor Contrasting(SKColor to, SeededRandom random, double? hue = null)
    {
        const int EnoughContrast = 60;
        for (var i = 0; i < 50; i++)
        {
            var colour = SKColor.FromHsl(
                (float)((hue ?? random.NextDouble(0, 360)) % 360), (float)random.NextDouble(hue is null ? 15 : 60, 95),
                (float)(100 * random.NextDouble(0.15, 0.85)));
            if (Math.Abs(Luminance(colour) - Luminance(to)) > EnoughContrast)
                return colour;
        }
        return Luminance(to) > 127 ? SKColors.Black : SKColors.White;
    }

    private static double Luminance(SKColor colour) =>
        (0.299 * colour.Red) + (0.587 * colour.Green) + (0.114 * colour.Blue);

    private static SKColor Mix(SKColor one, SKColor other, double share)
    {
        byte Between(byte a, byte b) => (byte)Math.Round(a + ((b - a) * share));
        return new SKColor(Between(one.Red, other.Red), Between(one.Green, other.Green), Between(one.Blue, other.Blue));
    }

    private static void AddNoise(Span<byte> pixels, double strength, SeededRandom random)
    {
        for (var i = 0; i < pixels.Length; i += 4)
        {
            var bits = random.NextUInt64();
            for (var c = 0; c < 3; c++)
            {
                // The difference of two uniform numbers, nearly bell-shaped and exact on every platform; 106 is its
                // standard deviation.
                var (a, b) = ((int)(bits >> (16 * c)) & 0xFF, (int)(bits >> ((16 * c) + 8)) & 0xFF);
                pixels[i + c] = (byte)Math.Clamp(pixels[i + c] + ((a - b) * strength / 106) + 0.5, 0, 255);
            }
        }
    }
}
