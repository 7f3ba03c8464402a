namespace Flixstock.Engine;

/// <summary>One thing in a scene. Lengths are shares of the picture's side.</summary>
/// <param name="Name">Class of the item.</param>
/// <param name="X">Horizontal position of the centre, from the left.</param>
/// <param name="Y">Vertical position of the centre, from the top.</param>
/// <param name="Radius">Radius of the circle around it.</param>
internal readonly record struct SceneItem(string Name, double X, double Y, double Radius);

/// <summary>
/// The items of a picture and their places, in the order of painting: textured areas first, shapes over them.
/// </summary>
internal static class ScenePlan
{
    private const int Candidates = 24, MostAtFullSize = 4;

    /// <summary>The classes in a picture, each by its frequency in the picture's theme.</summary>
    public static bool[] DrawClasses(SeededRandom random)
    {
        var theme = random.Next(SceneClasses.Themes);
        return [.. SceneClasses.Names.Select(name => random.NextBool(SceneClasses.Frequency(name, theme)))];
    }

    /// <summary>Places one item of every class that is present, now and then two or three of a shape.</summary>
    public static List<SceneItem> Place(bool[] classes, SeededRandom random)
    {
        var textures = new List<SceneItem>();
        foreach (var name in Present(classes).Where(SceneClasses.Textures.Contains))
            textures.Add(Put(name, random.NextDouble(0.22, 0.31), textures, random));
        var names = Present(classes).Where(name => !SceneClasses.Textures.Contains(name))
            .SelectMany(name => Enumerable.Repeat(name, Copies(random))).ToArray();
        random.Shuffle(names.AsSpan());
        var shrink = Math.Min(1, Math.Sqrt((double)MostAtFullSize / Math.Max(1, names.Length)));
        var shapes = new List<SceneItem>();
        foreach (var name in names)
            shapes.Add(Put(name, random.NextDouble(0.15, 0.21) * shrink, shapes, random));
        return [.. textures, .. shapes];
    }

    /// <summary>
    /// How deep an item lies in its nearest neighbour: 0 if they touch, 1 if the centres meet; below 0 if they are
    /// apart.
    /// </summary>
    public static double Overlap(SceneItem item, IEnumerable<SceneItem> others) => others.Select(
        other => 1 - (Math.Sqrt(Square(item.X - other.X) + Square(item.Y - other.Y)) / (item.Radius + other.Radius)))
        .DefaultIfEmpty(double.NegativeInfinity).Max();

    private static IEnumerable<string> Present(bool[] classes) => SceneClasses.Names.Where((_, k) => classes[k]);

    private static int Copies(SeededRandom random) => random.NextDouble() switch { < 0.85 => 1, < 0.97 => 2, _ => 3 };

    // The first of several free places, otherwise the best of them.
    private static SceneItem Put(string name, double radius, List<SceneItem> others, SeededRandom random)
    {
        var best = default(SceneItem);
        var least = double.PositiveInfinity;
        for (var i = 0; i < Candidates && least > 0; i++)
        {
            // A little of an item may lie outside of the picture.
            var margin = radius * 0.85;
            var item = new SceneItem(
                name, random.NextDouble(margin, 1 - margin), random.NextDouble(margin, 1 - margin), radius);
            var overlap = Overlap(item, others);
            if (overlap < least)
                (best, least) = (item, overlap);
        }
        return best;
    }

    private static double Square(double value) => value * value;
}
