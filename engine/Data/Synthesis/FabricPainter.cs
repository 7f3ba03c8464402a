using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Fills the clip of a canvas with one of the ten patterns. Coordinates are percents of the figure's frame.
/// </summary>
internal sealed class FabricPainter
{
    private const float Low = -60;
    private const float High = 160;
    private readonly GarmentLook _look;
    private readonly float _period;
    private readonly float _phase;
    private readonly float _tilt;
    private readonly ulong _seed;
    private readonly int _pattern;

    public FabricPainter(int pattern, GarmentLook look, SeededRandom random)
    {
        _pattern = pattern;
        _look = look;
        _period = (float)random.NextDouble(9.5, 13.5);
        _phase = (float)random.NextDouble(0, 13);
        _tilt = (float)random.NextDouble(-4, 4);
        _seed = random.NextUInt64();
    }

    /// <summary>
    /// Paints the whole clip; called once for the body and once for each sleeve, the fabric runs on between them.
    /// </summary>
    public void Paint(SKCanvas canvas)
    {
        canvas.Save();
        canvas.DrawColor(_look.Fabric);
        canvas.RotateDegrees(_tilt, 50, 50);
        using var paint = new SKPaint { Color = _look.Print, IsAntialias = true };
        switch (_pattern)
        {
            case 0: Stripes(canvas, paint, 90); break;
            case 1: Stripes(canvas, paint, 0); break;
            case 2: Checks(canvas, paint); break;
            case 3: Dots(canvas, paint); break;
            case 4: Stripes(canvas, paint, (_seed & 1) == 0 ? 45 : -45); break;
            case 5: Zigzag(canvas, paint); break;
            case 6: Floral(canvas, paint); break;
            case 8: Camouflage(canvas, paint); break;
            default: break;
        }
        canvas.Restore();
    }

    /// <summary>
    /// The single motif of the graphic print, in the middle of the chest; nothing for other patterns.
    /// </summary>
    public void PaintMotif(SKCanvas canvas)
    {
        if (_pattern != 7)
            return;
        using var paint = new SKPaint { Color = _look.Print, IsAntialias = true };
        using var inner = new SKPaint { Color = _look.Accent, IsAntialias = true };
        using var shape = Motif((int)(_seed % 4), 50, 71, 13.5f);
        canvas.DrawPath(shape, paint);
        using var small = Motif((int)(_seed / 4 % 4), 50, 71, 5.5f);
        canvas.DrawPath(small, inner);
    }

    private void Stripes(SKCanvas canvas, SKPaint paint, float degrees)
    {
        canvas.RotateDegrees(degrees, 50, 50);
        for (var x = Low + _phase; x < High; x += _period)
            canvas.DrawRect(x, Low, _period * 0.5f, High - Low, paint);
    }

    /// <summary>Gingham: two half-transparent sets of bands, at full strength in their crossings.</summary>
    private void Checks(SKCanvas canvas, SKPaint paint)
    {
        paint.Color = _look.Print.WithAlpha(150);
        for (var x = Low + _phase; x < High; x += _period)
        {
            canvas.DrawRect(x, Low, _period * 0.5f, High - Low, paint);
            canvas.DrawRect(Low, x, High - Low, _period * 0.5f, paint);
        }
    }

    private void Dots(SKCanvas canvas, SKPaint paint)
    {
        var row = 0;
        for (var y = Low + _phase; y < High; y += _period * 0.87f, row++)
        {
            for (var x = Low + _phase + (row % 2 * _period * 0.5f); x < High; x += _period)
                canvas.DrawCircle(x, y, _period * 0.29f, paint);
        }
    }

    private void Zigzag(SKCanvas canvas, SKPaint paint)
    {
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = _period * 0.42f;
        var step = _period * 0.62f;
        for (var y = Low + _phase; y < High; y += _period * 1.05f)
        {
            using var line = new SKPath();
            line.MoveTo(Low - step, y);
            for (var (x, up) = (Low + _phase, false); x < High; x += step, up = !up)
                line.LineTo(x, y + (up ? -step * 0.62f : step * 0.62f));
            canvas.DrawPath(line, paint);
        }
    }

    private void Floral(SKCanvas canvas, SKPaint paint)
    {
        var random = new SeededRandom(_seed);
        using var heart = new SKPaint { Color = _look.Accent, IsAntialias = true };
        using var leaf = new SKPaint { Color = GarmentLook.Mix(_look.Accent, _look.Print, 0.35), IsAntialias = true };
        var pitch = _period * 1.45f;
        for (var y = Low; y < High; y += pitch)
        {
            for (var x = Low; x < High; x += pitch)
            {
                var centre = new SKPoint(
                    x + (float)random.NextDouble(0, pitch * 0.4), y + (float)random.NextDouble(0, pitch * 0.4));
                Flower(canvas, centre, pitch * 0.22f, (float)random.NextDouble(0, 360), paint, heart, leaf);
            }
        }
    }

    private static void Flower(
        SKCanvas canvas, SKPoint centre, float petal, float turn, SKPaint paint, SKPaint heart, SKPaint leaf)
    {
        canvas.Save();
        canvas.Translate(centre);
        canvas.RotateDegrees(turn);
        canvas.DrawOval(petal * 2.4f, 0, petal * 1.1f, petal * 0.5f, leaf);
        for (var i = 0; i < 5; i++)
        {
            canvas.DrawOval(0, -petal * 1.05f, petal * 0.66f, petal, paint);
            canvas.RotateDegrees(72);
        }
        canvas.DrawCircle(0, 0, petal * 0.7f, heart);
        canvas.Restore();
    }

    /// <summary>Irregular overlapping patches in three tones.</summary>
    private void Camouflage(SKCanvas canvas, SKPaint paint)
    {
        var random = new SeededRandom(_seed);
        var middle = GarmentLook.Mix(_look.Fabric, _look.Print, 0.5);
        for (var i = 0; i < 330; i++)
        {
            paint.Color = (i % 3) switch { 0 => _look.Print, 1 => middle, _ => _look.Fabric };
            canvas.Save();
            canvas.Translate((float)random.NextDouble(-10, 110), (float)random.NextDouble(0, 115));
            canvas.RotateDegrees((float)random.NextDouble(0, 180));
            for (var blob = 0; blob < 3; blob++)
            {
                canvas.DrawOval((float)random.NextDouble(-4, 4), (float)random.NextDouble(-2, 2),
                    (float)random.NextDouble(2.5, 5.5), (float)random.NextDouble(1.5, 3.2), paint);
            }
            canvas.Restore();
        }
    }

    private static SKPath Motif(int kind, float x, float y, float radius)
    {
        var path = new SKPath();
        if (kind == 0)
        {
            path.AddCircle(x, y, radius * 0.95f);
        }
        else
        {
            var points = kind == 1 ? 10 : kind == 2 ? 3 : 4;
            for (var i = 0; i < points; i++)
            {
                var reach = kind == 1 && i % 2 == 1 ? radius * 0.5f : radius * 1.12f;
                var angle = (-Math.PI / 2) + (2 * Math.PI * i / points);
                var point = new SKPoint(x + (reach * (float)Math.Cos(angle)), y + (reach * (float)Math.Sin(angle)));
                if (i == 0)
                    path.MoveTo(point);
                else
                    path.LineTo(point);
            }
            path.Close();
        }
        return path;
    }
}
