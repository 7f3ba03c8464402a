namespace Flixstock.Engine;

/// <summary>Which picture sizes TResNet takes: multiples of 4 that leave each of the three blurs 2 pixels to reflect.</summary>
internal static class ImageSize
{
    /// <summary>Sizes are multiples of it: pixels of a block become channels.</summary>
    public const int Block = 4;

    /// <summary>The largest height or width: more does not fit one batch of bytes, nor any machine.</summary>
    public const int Largest = 16384;

    private const int Blurs = 3;

    // Extents before the blurs are h/4, then half of that rounded up, twice: 20 / 4 = 5, 3, 2.
    public static int Smallest { get; } = Enumerable.Range(1, 100).Select(i => i * Block).First(Fits);

    public static void Require(int height, int width)
    {
        if (Fits(height) && Fits(width))
            return;
        if (height > Largest || width > Largest)
            throw new InputException($"image size {height}x{width}: the largest possible is {Largest}x{Largest}");
        var advice = height < Smallest || width < Smallest
            ? $"the smallest possible is {Smallest}x{Smallest}"
            : $"height and width must be multiples of {Block}, the nearest is {Nearest(height)}x{Nearest(width)}; the smallest possible is {Smallest}x{Smallest}";
        throw new InputException($"image size {height}x{width}: the network cannot take it: {advice}");
    }

    /// <summary>Height or width of what the last stage computes on: 1 of up to 32 pixels.</summary>
    /// <param name="extent">Of the picture, one that is possible.</param>
    public static int LastStage(int extent) => Enumerable.Range(0, Blurs).Aggregate(extent / Block, (pixels, _) => Halved(pixels));

    private static bool Fits(int extent)
    {
        if (extent is <= 0 or > Largest || extent % Block != 0)
            return false;
        var pixels = extent / Block;
        for (var i = 0; i < Blurs; i++)
        {
            if (pixels < BlurPool.SmallestExtent)
                return false;
            pixels = Halved(pixels);
        }
        return true;
    }

    private static int Halved(int pixels) => (pixels + 1) / 2;

    private static int Nearest(int extent) => Math.Max(Smallest, (extent + Block / 2) / Block * Block);
}
