namespace Flixstock.Engine;

/// <summary>
/// Where the pixels of one picture lie on those of another, in both directions alike: the first one on pixel
/// <paramref name="First"/> (counted from 0, halves lie between two), each next one <paramref name="Stride"/> further.
/// </summary>
/// <param name="First">Place of the first pixel's middle.</param>
/// <param name="Stride">Distance of two pixels.</param>
public readonly record struct PixelGrid(double First, int Stride)
{
    /// <summary>Pixel on pixel.</summary>
    public static PixelGrid Same => new(0, 1);

    /// <summary>Where the pixels of a third picture lie, which lie on this one's as the grid says.</summary>
    public PixelGrid Then(PixelGrid next) => new(First + (next.First * Stride), Stride * next.Stride);
}
