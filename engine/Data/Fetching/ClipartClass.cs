namespace Flixstock.Engine;

/// <summary>
/// A class of drawings: what is in certain folders, and the tags by which authors say the same of a drawing.
/// </summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Folder">The folder whose drawings are of this class, with those below it.</param>
/// <param name="Tags">Spellings of the tag that says so, in small letters.</param>
/// <param name="Except">Folders below it whose drawings do not show the class.</param>
internal sealed record ClipartClass(string Name, string Folder, string[] Tags, params string[] Except)
{
    // Folders of the package openclipart-svg with 58 different drawings or more whose name is also a tag. Left out:
    // what is generated (computer/icons, shapes/stars, recreation/games/cards), what is a style and not a thing
    // (special/gradients, signs_and_symbols), and below a folder what does not show its class: a gun is no tool, a hat
    // no human being, a sofa no building, the sign of a coffee shop at an airport no vehicle.

    /// <summary>All classes, in the order of their names.</summary>
    public static IReadOnlyList<ClipartClass> All { get; } =
    [
        new("animals", "animals", ["animal", "animals"]),
        new("arrows", "shapes/arrows", ["arrow", "arrows", "arrowshape"]),
        new("buildings", "buildings", ["building", "buildings"], "buildings/furniture"),
        new("clothing", "people/clothing", ["clothing", "clothes"]),
        new("computers", "computer", ["computer", "computers"], "computer/icons"),
        new("flags", "signs_and_symbols/flags", ["flag", "flags"]),
        new("food", "food", ["food"]),
        new("maps", "geography", ["geography", "map", "maps"], "geography/astronomy"),
        new("music", "recreation/music", ["music"]),
        new("office", "office", ["office"]),
        new("party", "recreation/party", ["party", "festive"]),
        new("people", "people", ["people"], "people/clothing", "people/bodypart"),
        new("plants", "plants", ["plant", "plants"]),
        new("road signs", "transportation/roadsigns", ["roadsign", "roadsigns"]),
        new("sports", "recreation/sports", ["sport", "sports"]),
        new("tools", "tools", ["tool", "tools"], "tools/weapons"),
        new("transport", "transportation", ["transport", "transportation"],
            "transportation/roadsigns", "transportation/aiga-symbols"),
    ];

    /// <summary>True if a drawing lies in the class's folders.</summary>
    /// <param name="path">Path of the drawing below the folder of all, with slashes.</param>
    public bool Holds(string path) => IsBelow(path, Folder) && !Array.Exists(Except, folder => IsBelow(path, folder));

    /// <summary>True if one of a drawing's tags says that it is of this class.</summary>
    public bool IsSaidBy(IEnumerable<string> tags) => tags.Any(tag => Tags.Contains(tag, StringComparer.Ordinal));

    private static bool IsBelow(string path, string folder) =>
        path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal);
}
