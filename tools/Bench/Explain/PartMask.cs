using Flixstock.Engine;

namespace Flixstock.Bench;

/// <summary>Where a drawn picture shows a part, as <c>flixstock synth --masks</c> wrote it.</summary>
internal sealed class PartMask
{
    private const byte Least = 128;
    private readonly (float X, float Y)[] _seen; // middles of the pixels, 0 to 1

    /// <summary>A mask.</summary>
    /// <param name="picture">White where the part is.</param>
    public PartMask(RgbPicture picture)
    {
        var seen = new List<(float, float)>();
        for (var i = 0; i < picture.Width * picture.Height; i++)
        {
            if (picture.Pixels[i * 3] >= Least)
                seen.Add(((i % picture.Width + 0.5f) / picture.Width, (i / picture.Width + 0.5f) / picture.Height));
        }
        _seen = [.. seen];
    }

    /// <summary>True if the picture does not show the part.</summary>
    public bool IsEmpty => _seen.Length == 0;

    /// <summary>
    /// True if a place lies in the mask or no farther from it than half a cell of the map, on the square picture that
    /// the network sees.
    /// </summary>
    public bool IsNear((float X, float Y) place, int cells)
    {
        var reach = 0.5 / cells;
        return Array.Exists(
            _seen, pixel => Math.Pow(pixel.X - place.X, 2) + Math.Pow(pixel.Y - place.Y, 2) <= reach * reach);
    }

    /// <summary>The share of a map's cells whose middles are near: what a map without a sense would reach.</summary>
    public double Chance(ActivationMap map) => Enumerable.Range(0, map.Height * map.Width).Average(
        i => IsNear(map.Middle(i / map.Width, i % map.Width), map.Width) ? 1.0 : 0);
}
