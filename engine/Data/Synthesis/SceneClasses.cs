namespace Flixstock.Engine;

/// <summary>
/// The twenty classes of drawn scenes: fourteen shapes, six textures. As in MS-COCO a few are common and most are rare
/// (the commonest is in half of the pictures, the rarest in one of fifty, about three in a picture), and some occur
/// together: every class belongs to one of four themes.
/// </summary>
internal static class SceneClasses
{
    /// <summary>Number of themes; every picture has one.</summary>
    internal const int Themes = 4;

    private const double Commonest = 0.5, Rarest = 0.02;

    // From the commonest to the rarest; textures are listed among the shapes.
    private static readonly string[] ByFrequency =
    [
        "disc", "stripes", "square", "triangle", "dots", "ring", "star", "checks", "cross", "crescent",
        "heart", "waves", "arrow", "frame", "hourglass", "grid", "drop", "flower", "bricks", "corner",
    ];

    /// <summary>Names, in alphabetical order: a class's place says nothing about how common it is.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByFrequency.Order(StringComparer.Ordinal)];

    private static readonly Dictionary<string, int> Places = Names.Select((name, place) => (name, place))
        .ToDictionary(one => one.name, one => one.place, StringComparer.Ordinal);

    /// <summary>The classes that fill an area instead of having an outline.</summary>
    public static IReadOnlyList<string> Textures { get; } = ["stripes", "dots", "checks", "waves", "grid", "bricks"];

    /// <summary>How often a class is in a picture, over all themes; a geometric sequence.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static double Frequency(string name) =>
        Commonest * Math.Pow(Rarest / Commonest, Array.IndexOf(ByFrequency, name) / (ByFrequency.Length - 1.0));

    /// <summary>A class's place among <see cref="Names"/>.</summary>
    internal static int Place(string name) => Places[name];

    /// <summary>How often a class is in a picture of a theme: nearly twice as often in its own as over all.</summary>
    internal static double Frequency(string name, int theme)
    {
        var overall = Frequency(name);
        var own = Math.Min(0.9, 1.8 * overall);
        return Array.IndexOf(ByFrequency, name) % Themes == theme ? own : ((Themes * overall) - own) / (Themes - 1);
    }
}
