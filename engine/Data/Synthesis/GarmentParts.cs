namespace Flixstock.Engine;

/// <summary>A part of a drawn garment that has a mask.</summary>
internal enum GarmentPart
{
    /// <summary>
    /// The neckline: what it leaves bare of the torso, its rim, a shirt's collar, the cloth around the neck.
    /// </summary>
    Neck,
    /// <summary>Both sleeves with their seams; nothing of a sleeveless garment.</summary>
    Sleeve,
}

/// <summary>All parts and their names.</summary>
internal static class GarmentParts
{
    public static IReadOnlyList<GarmentPart> All { get; } = [GarmentPart.Neck, GarmentPart.Sleeve];

    /// <summary>Name of the folder with the part's masks.</summary>
    public static string Name(GarmentPart part) => part == GarmentPart.Neck ? "neck" : "sleeve";
}
