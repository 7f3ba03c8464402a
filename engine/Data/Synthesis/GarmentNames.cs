namespace Flixstock.Engine;

/// <summary>
/// What the classes of the drawn data set look like, by class index. The published task does not name its classes;
/// as there, the commonest class of each attribute is the last one.
/// </summary>
internal static class GarmentNames
{
    /// <summary>The seven necklines.</summary>
    public static IReadOnlyList<string> Necks { get; } =
    [
        "boat", "V-neck", "square", "off-shoulder", "turtleneck", "shirt collar", "round",
    ];

    /// <summary>The four sleeve lengths.</summary>
    public static IReadOnlyList<string> Sleeves { get; } = ["sleeveless", "short", "elbow", "long"];

    /// <summary>The ten patterns.</summary>
    public static IReadOnlyList<string> Patterns { get; } =
        [
            "horizontal stripes", "vertical stripes", "checks", "dots", "diagonal stripes", "zigzag", "floral",
            "graphic print", "camouflage", "solid",
        ];

    /// <summary>
    /// The published task's attributes with these names: what <see cref="GarmentSynthesizer"/> writes as
    /// <c>dataset.json</c>.
    /// </summary>
    public static AttributeTable Attributes { get; } = new(
        [.. AttributeTable.Garments.Groups.Zip(
            [Necks, Sleeves, Patterns], (group, names) => group with { ClassNames = names })]);
}
