using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>Outlines of the shapes in a circle of radius 1 around the origin.</summary>
internal static class SceneShapes
{
    public static SKPath Outline(string name) => name switch
    {
        "disc" => Circle(0.95f),
        "ring" => Minus(Circle(1), Circle(0.55f)),
        "square" => Box(0.78f, 0.78f),
        "frame" => Minus(Box(0.8f, 0.8f), Box(0.42f, 0.42f)),
        "triangle" => Star(3, 1, 1),
        "star" => Star(5, 1, 0.42f),
        "cross" => Plus(Box(0.3f, 0.98f), Box(0.98f, 0.3f)),
        "crescent" => Minus(Circle(1), Circle(0.85f, 0.5f)),
        "heart" => Heart(),
        "arrow" => Polygon(
            [(-0.95f, -0.22f), (0.1f, -0.22f), (0.1f, -0.7f), (1, 0), (0.1f, 0.7f), (0.1f, 0.22f), (-0.95f, 0.22f)]),
        "hourglass" =>
            Polygon([(-0.72f, -0.85f), (0.72f, -0.85f), (0.12f, 0), (0.72f, 0.85f), (-0.72f, 0.85f), (-0.12f, 0)]),
        "drop" => Drop(),
        "flower" => Flower(),
        "corner" =>
            Polygon([(-0.8f, -0.8f), (-0.28f, -0.8f), (-0.28f, 0.28f), (0.8f, 0.28f), (0.8f, 0.8f), (-0.8f, 0.8f)]),
        _ => throw new ArgumentException($"there is no shape '{name}'", nameof(name)),
    };

    private static SKPath Circle(float radius, float x = 0)
    {
        var path = new SKPath();
        path.AddCircle(x, 0, radius);
        return path;
    }

    private static SKPath Box(float halfWidth, float halfHeight)
    {
        var path = new SKPath();
        path.AddRect(new SKRect(-halfWidth, -halfHeight, halfWidth, halfHeight));
        return path;
    }

    private static SKPath Star(int points, float outer, float inner)
    {
        var corners = inner == outer ? points : 2 * points;
        return Polygon([.. Enumerable.Range(0, corners).Select(i =>
        {
            var (angle, reach) = ((2 * Math.PI * i / corners) - (Math.PI / 2), i % 2 == 1 ? inner : outer);
            return (reach * (float)Math.Cos(angle), reach * (float)Math.Sin(angle));
        })]);
    }

    private static SKPath Heart()
    {
        var path = new SKPath();
        path.MoveTo(0, 0.95f);
        path.CubicTo(-1.5f, -0.1f, -0.75f, -1.25f, 0, -0.45f);
        path.CubicTo(0.75f, -1.25f, 1.5f, -0.1f, 0, 0.95f);
        path.Close();
        return path;
    }

    private static SKPath Drop()
    {
        var path = new SKPath();
        path.MoveTo(0, -1);
        path.CubicTo(0.3f, -0.5f, 0.65f, -0.1f, 0.65f, 0.32f);
        path.CubicTo(0.65f, 1.2f, -0.65f, 1.2f, -0.65f, 0.32f);
        path.CubicTo(-0.65f, -0.1f, -0.3f, -0.5f, 0, -1);
        path.Close();
        return path;
    }

    private static SKPath Flower()
    {
        var path = new SKPath { FillType = SKPathFillType.Winding };
        for (var i = 0; i < 6; i++)
            path.AddCircle(0.62f * (float)Math.Cos(i * Math.PI / 3), 0.62f * (float)Math.Sin(i * Math.PI / 3), 0.36f);
        return Minus(path, Circle(0.24f));
    }

    private static SKPath Polygon((float X, float Y)[] corners)
    {
        var path = new SKPath();
        path.AddPoly([.. corners.Select(corner => new SKPoint(corner.X, corner.Y))]);
        return path;
    }

    private static SKPath Minus(SKPath whole, SKPath hole) => Combine(whole, hole, SKPathOp.Difference);

    private static SKPath Plus(SKPath one, SKPath other) => Combine(one, other, SKPathOp.Union);

    private static SKPath Combine(SKPath one, SKPath other, SKPathOp operation)
    {
        using (one)
        using (other)
            return one.Op(other, operation) ?? throw new EngineException("two outlines of a shape cannot be combined");
    }
}
