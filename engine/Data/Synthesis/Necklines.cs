using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// The region each neckline leaves open. Coordinates are percents of the figure's frame; the neck meets the shoulders
/// at (50, 24).
/// </summary>
internal static class Necklines
{
    public const int Boat = 0;
    public const int VNeck = 1;
    public const int Square = 2;
    public const int OffShoulder = 3;
    public const int Turtleneck = 4;
    public const int Collar = 5;

    /// <summary>
    /// The opening, to be cut from the garment; all of it lies above the neckline. Not empty for the turtleneck, whose
    /// roll is added to the body.
    /// </summary>
    public static SKPath Opening(int neck)
    {
        var path = new SKPath();
        switch (neck)
        {
            case Boat: path.AddOval(new SKRect(30, 13, 70, 33)); break;
            case VNeck: Polygon(path, (35, 14), (65, 14), (63, 24), (50, 58), (37, 24)); break;
            case Square: path.AddRect(new SKRect(34, 10, 66, 47)); break;
            case OffShoulder:
                path.MoveTo(-10, 0);
                path.LineTo(110, 0);
                path.LineTo(110, 45);
                path.QuadTo(50, 51, -10, 45);
                path.Close();
                break;
            case Turtleneck: path.AddRect(new SKRect(30, -10, 70, 13)); break;
            case Collar: Polygon(path, (41, 14), (59, 14), (58, 24), (50, 41), (42, 24)); break;
            default: path.AddOval(new SKRect(36, 6, 64, 41)); break;
        }
        return path;
    }

    /// <summary>The left or right flap of a shirt collar.</summary>
    public static SKPath Flap(bool left)
    {
        var path = new SKPath();
        if (left)
            Polygon(path, (40, 18), (50, 41), (40, 49), (31, 28));
        else
            Polygon(path, (60, 18), (50, 41), (60, 49), (69, 28));
        return path;
    }

    public static void Polygon(SKPath path, params ReadOnlySpan<(float X, float Y)> points)
    {
        path.MoveTo(points[0].X, points[0].Y);
        foreach (var (x, y) in points[1..])
            path.LineTo(x, y);
        path.Close();
    }
}
