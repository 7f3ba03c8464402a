using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Draws a person from chin to hip in a garment. Coordinates are percents of a square frame, y downwards.
/// </summary>
internal sealed partial class GarmentPainter
{
    /// <summary>End of each sleeve length on the arm, as a share of the way from shoulder to wrist.</summary>
    private static readonly float[] SleeveEnds = [0, 0.3f, 0.63f, 0.99f];
    private const float SeamWidth = 1.1f, RimWidth = 5.5f, CollarEdgeWidth = 1.8f;
    private readonly GarmentLook _look;
    private readonly FabricPainter _fabric;
    private readonly SeededRandom _random;
    private readonly int _neck;
    private readonly int _sleeve;
    private readonly SKColor _trim;

    private GarmentPainter(int[] classes, GarmentLook look, SeededRandom random)
    {
        (_neck, _sleeve) = (classes[0], classes[1]);
        _look = look;
        _random = random;
        _fabric = new FabricPainter(classes[2], look, random);
        var away = GarmentLook.Luminance(look.Fabric) > 110 ? SKColors.Black : SKColors.White;
        _trim = GarmentLook.Mix(look.Fabric, away, 0.38);
    }

    /// <summary>The picture of one garment; the classes are neck, sleeve length, pattern.</summary>
    public static SKBitmap Paint(int[] classes, SeededRandom random, int size)
    {
        NativeLibraryCheck.RequireSkia();
        // The look comes from a separate generator: the labels cannot shift what it draws.
        var look = new GarmentLook(random.Derive("look"), size);
        var painter = new GarmentPainter(classes, look, random.Derive("garment"));
        using var sharp = new SKBitmap(
            new SKImageInfo(look.Width, look.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(sharp))
        {
            BackgroundPainter.Paint(canvas, look, random.Derive("background"));
            painter.PaintFigure(canvas);
        }
        return CameraEffects.Apply(sharp, look, random.Derive("camera"));
    }

    private void PaintFigure(SKCanvas canvas)
    {
        canvas.Save();
        EnterFrame(canvas);
        PaintHairAndSkin(canvas);
        using var torso = Torso(forSkin: false);
        using var opening = Necklines.Opening(_neck);
        using var body = torso.Op(opening, SKPathOp.Difference);
        PaintSleeves(canvas);
        PaintCloth(canvas, body, motif: true);
        PaintNeckTrim(canvas, body, opening);
        canvas.Restore();
    }

    // From here on coordinates are percents of the figure's frame.
    private void EnterFrame(SKCanvas canvas)
    {
        canvas.Translate(_look.Width / 2f, _look.Height / 2f);
        canvas.Scale(_look.Width / 100f * _look.Scale, _look.Height / 100f * _look.Scale);
        canvas.RotateDegrees(_look.Rotation);
        canvas.Translate(_look.ShiftX - 50, _look.ShiftY - 50);
    }

    private void PaintHairAndSkin(SKCanvas canvas)
    {
        using var skin = new SKPaint { Color = _look.Skin, IsAntialias = true };
        using var shade = new SKPaint { Color = GarmentLook.Mix(_look.Skin, SKColors.Black, 0.22), IsAntialias = true };
        using var hair = new SKPaint { Color = _look.Hair, IsAntialias = true };
        canvas.DrawOval(50, -8, 19, 22, hair);
        using var torso = Torso(forSkin: true);
        canvas.DrawPath(torso, skin);
        canvas.DrawRect(40.5f, 0, 19, 32, skin);
        canvas.DrawOval(50, 8, 9.5f, 6, shade);
        canvas.DrawOval(50, -7, 14.5f, 18, skin);
        for (var side = -1; side <= 1; side += 2)
        {
            using var arm = Arm(side, 0, 1.06f);
            using var stroke = new SKPaint
            {
                Color = _look.Skin,
                IsAntialias = true,
                Style = SKPaintStyle.Stroke,
                StrokeWidth = 10.5f,
                StrokeCap = SKStrokeCap.Round,
                StrokeJoin = SKStrokeJoin.Round,
            };
            canvas.DrawPath(arm, stroke);
        }
    }

    private void PaintSleeves(SKCanvas canvas)
    {
        foreach (var sleeve in Sleeves())
        {
            using (sleeve)
                PaintCloth(canvas, sleeve, motif: false);
        }
    }

    /// <summary>The outlines of both sleeves; none of a sleeveless garment.</summary>
    private IEnumerable<SKPath> Sleeves()
    {
        var end = SleeveEnds[_sleeve];
        if (end <= 0)
            yield break;
        using var stroke =
            new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 14.5f, StrokeJoin = SKStrokeJoin.Round };
        for (var side = -1; side <= 1; side += 2)
        {
            using var line = Arm(
                side, _neck == Necklines.OffShoulder ? 0.12f : -0.03f,
                _neck == Necklines.OffShoulder ? Math.Max(end, 0.36f) : end);
            using var outline = stroke.GetFillPath(line);
            yield return outline.Simplify(); // or the elbow's inner corner shows in the seam
        }
    }

    private void PaintCloth(SKCanvas canvas, SKPath shape, bool motif)
    {
        canvas.Save();
        canvas.ClipPath(shape, SKClipOperation.Intersect, antialias: true);
        _fabric.Paint(canvas);
        if (motif)
            _fabric.PaintMotif(canvas);
        PaintFolds(canvas);
        canvas.Restore();
        using var edge = new SKPaint
        {
            Color = _trim.WithAlpha(200),
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = SeamWidth,
        };
        canvas.DrawPath(shape, edge);
    }

    /// <summary>
    /// Soft shadows at the sides and a few folds: what keeps a plain garment from being a flat colour.
    /// </summary>
    private void PaintFolds(SKCanvas canvas)
    {
        using var side = SKShader.CreateLinearGradient(
            new SKPoint(24, 0), new SKPoint(76, 0),
            [SKColors.Black.WithAlpha(70), SKColors.Transparent, SKColors.Black.WithAlpha(60)], [0, 0.45f, 1],
            SKShaderTileMode.Clamp);
        using var shadow = new SKPaint { Shader = side };
        canvas.DrawRect(-20, 0, 140, 120, shadow);
        using var softness = SKMaskFilter.CreateBlur(SKBlurStyle.Normal, 1.6f);
        using var fold = new SKPaint
        {
            Color = SKColors.Black.WithAlpha(42),
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 2,
            MaskFilter = softness,
        };
        for (var i = 0; i < 3; i++)
        {
            var x = (float)_random.NextDouble(30, 70);
            canvas.DrawLine(x, (float)_random.NextDouble(62, 75), x + (float)_random.NextDouble(-8, 8), 105, fold);
        }
    }

    private void PaintNeckTrim(SKCanvas canvas, SKPath body, SKPath opening)
    {
        using var rim =
            new SKPaint { Color = _trim, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = RimWidth };
        canvas.Save();
        canvas.ClipPath(body, SKClipOperation.Intersect, antialias: true);
        canvas.DrawPath(opening, rim);
        canvas.Restore();
        if (_neck == Necklines.Turtleneck)
            PaintRoll(canvas);
        if (_neck == Necklines.Collar)
            PaintCollar(canvas);
    }

    private void PaintRoll(SKCanvas canvas)
    {
        using var line =
            new SKPaint { Color = _trim, IsAntialias = true, Style = SKPaintStyle.Stroke, StrokeWidth = 1.6f };
        using var roll = new SKPath();
        roll.MoveTo(39, 25);
        roll.QuadTo(50, 30, 61, 25);
        canvas.DrawPath(roll, line);
    }

    private void PaintCollar(SKCanvas canvas)
    {
        using var cloth = new SKPaint { Color = GarmentLook.Mix(_look.Fabric, _trim, 0.35), IsAntialias = true };
        using var edge = new SKPaint
        {
            Color = _trim,
            IsAntialias = true,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = CollarEdgeWidth,
            StrokeJoin = SKStrokeJoin.Round,
        };
        using var button = new SKPaint { Color = _trim, IsAntialias = true };
        canvas.DrawLine(50, 41, 50, 110, edge);
        for (var y = 50; y < 110; y += 12)
            canvas.DrawCircle(53, y, 1.7f, button);
        foreach (var left in new[] { true, false })
        {
            using var flap = Necklines.Flap(left);
            canvas.DrawPath(flap, cloth);
            canvas.DrawPath(flap, edge);
        }
    }

    /// <summary>Shoulders to hip; with the roll of a turtleneck when it is cloth.</summary>
    private SKPath Torso(bool forSkin)
    {
        var hip = 24 - _look.Girth;
        var waist = 28 - _look.Girth;
        var shoulder = !forSkin && _sleeve == 0 ? 28f : 22.5f;
        var path = new SKPath();
        path.MoveTo(39, 23);
        path.LineTo(61, 23);
        path.QuadTo(70, 26, 100 - shoulder, 30);
        path.QuadTo(72, 40, 73, 50);
        path.QuadTo(100 - waist, 74, 100 - hip, 112);
        path.LineTo(hip, 112);
        path.QuadTo(waist, 74, 27, 50);
        path.QuadTo(28, 40, shoulder, 30);
        path.QuadTo(30, 26, 39, 23);
        path.Close();
        if (!forSkin && _neck == Necklines.Turtleneck)
        {
            using var band = Band();
            var joined = path.Op(band, SKPathOp.Union);
            path.Dispose();
            return joined;
        }
        return path;
    }

    /// <summary>The cloth around the neck of a turtleneck.</summary>
    private static SKPath Band()
    {
        var band = new SKPath();
        band.AddRoundRect(new SKRect(38, 9, 62, 34), 2, 2);
        return band;
    }

    /// <summary>The line of an arm between two shares of the way from shoulder to wrist.</summary>
    private SKPath Arm(int side, float from, float to)
    {
        Span<SKPoint> joints =
        [
            new(50 + (side * 22.5f), 34),
            new(50 + (side * (31 + (5 * _look.ArmSpread))), 60),
            new(50 + (side * (33 + (9 * _look.ArmSpread))), 88),
        ];
        var path = new SKPath();
        path.MoveTo(Along(joints, from));
        if (from < 0.5f && to > 0.5f)
            path.LineTo(joints[1]);
        path.LineTo(Along(joints, to));
        return path;
    }

    private static SKPoint Along(ReadOnlySpan<SKPoint> joints, float share)
    {
        var (a, b, part) =
            share < 0.5f ? (joints[0], joints[1], share * 2) : (joints[1], joints[2], (share - 0.5f) * 2);
        return new SKPoint(a.X + ((b.X - a.X) * part), a.Y + ((b.Y - a.Y) * part));
    }
}
