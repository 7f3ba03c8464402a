namespace Flixstock.Engine;

/// <summary>The picture sizes that a network takes: multiples of a number, from a smallest size on.</summary>
/// <param name="Multiple">Height and width are multiples of it.</param>
/// <param name="Smallest">Least height and width in pixels.</param>
/// <param name="FeatureExtent">Maps a picture's height or width to that of the body's features.</param>
public sealed record ImageSizes(int Multiple, int Smallest, Func<int, int> FeatureExtent)
{
    /// <summary>The largest height or width: more does not fit one batch of bytes, nor any machine.</summary>
    public const int Largest = 16384;

    /// <summary>Refuses a picture size that the network cannot take.</summary>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <exception cref="InputException">Names the size and the nearest one that works.</exception>
    public void Require(int height, int width)
    {
        if (Fits(height) && Fits(width))
            return;
        if (height > Largest || width > Largest)
            throw new InputException($"image size {height}x{width}: the largest possible is {Largest}x{Largest}");
        var advice = height < Smallest || width < Smallest
            ? $"the smallest possible is {Smallest}x{Smallest}"
            : $"height and width must be multiples of {Multiple}, the nearest is {Nearest(height)}x{Nearest(width)}; "
                + $"the smallest possible is {Smallest}x{Smallest}";
        throw new InputException($"image size {height}x{width}: the network cannot take it: {advice}");
    }

    /// <summary>Refuses pictures in a size that the network cannot take.</summary>
    /// <param name="preparation">How the pictures are prepared.</param>
    /// <exception cref="InputException">Names the size and the nearest one that works.</exception>
    public void Require(PicturePreparation preparation) => Require(preparation.ImageSize, preparation.ImageSize);

    private bool Fits(int extent) => extent >= Smallest && extent <= Largest && extent % Multiple == 0;

    private int Nearest(int extent) => Math.Max(Smallest, (extent + Multiple / 2) / Multiple * Multiple);
}
