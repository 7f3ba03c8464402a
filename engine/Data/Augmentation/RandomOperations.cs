namespace Flixstock.Engine;

/// <summary>
/// The augmentation of the reference's COCO training: a cutout whose side is half of the picture's, in one random
/// colour, then the policy of the package randaugment 1.0.2, which the reference calls without arguments: two
/// operations, each one of fifteen, with a magnitude from 1 to 9 of its range, applied with probability 0.5. Ranges,
/// signs and the grey of what comes into view (128) are the package's.
/// </summary>
internal static class RandomOperations
{
    /// <summary>Magnitudes of an operation: the first changes least and never occurs.</summary>
    public const int Magnitudes = 10;

    private const double CutoutShare = 0.5, Probability = 0.5;

    private delegate void Operation(PixelCanvas canvas, int magnitude, SeededRandom random);

    private static readonly (string Name, Operation Apply)[] Operations =
    [
        ("invert", (canvas, _, _) => canvas.Invert()),
        ("cutout", Cutout),
        ("sharpness", (canvas, magnitude, random) => canvas.Sharpness(Factor(magnitude, random))),
        ("autocontrast", (canvas, _, _) => canvas.AutoContrast()),
        ("posterize", (canvas, magnitude, _) => canvas.Posterize(
            (int)Math.Round(8 - Share(magnitude) * 4, MidpointRounding.ToEven))),
        ("shear x", (canvas, magnitude, random) => canvas.AffineBicubic(
            1, Sign(random) * Share(magnitude) * 0.3, 0, 0, 1, 0)),
        ("translate x", (canvas, magnitude, random) => canvas.Translate(
            Sign(random) * Share(magnitude) * 150 / 331 * canvas.Width, 0)),
        ("translate y", (canvas, magnitude, random) => canvas.Translate(
            0, Sign(random) * Share(magnitude) * 150 / 331 * canvas.Height)),
        ("shear y", (canvas, magnitude, random) => canvas.AffineBicubic(
            1, 0, 0, Sign(random) * Share(magnitude) * 0.3, 1, 0)),
        ("rotate", (canvas, magnitude, _) => canvas.Rotate(Share(magnitude) * 30)),
        ("equalize", (canvas, _, _) => canvas.Equalize()),
        ("contrast", (canvas, magnitude, random) => canvas.Contrast(Factor(magnitude, random))),
        ("color", (canvas, magnitude, random) => canvas.Colour(Factor(magnitude, random))),
        ("solarize", (canvas, magnitude, _) => canvas.Solarize(256 - Share(magnitude) * 256)),
        ("brightness", (canvas, magnitude, random) => canvas.Brightness(Factor(magnitude, random))),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Operations.Select(operation => operation.Name)];

    /// <summary>The whole augmentation.</summary>
    public static void Apply(PixelCanvas canvas, SeededRandom random)
    {
        HalfCutout(canvas, random.Derive("cutout"));
        for (var place = 0UL; place < 2; place++)
        {
            var own = random.Derive("operation").Derive(place);
            var (operation, magnitude) = (own.Next(Operations.Length), own.Next(1, Magnitudes));
            if (own.NextBool(Probability))
                Operations[operation].Apply(canvas, magnitude, own);
        }
    }

    /// <summary>Applies one operation: for tests.</summary>
    public static void Apply(PixelCanvas canvas, string name, int magnitude, SeededRandom random) =>
        Operations.Single(operation => operation.Name == name).Apply(canvas, magnitude, random);

    // From the middle half the side in each direction, the last row and column included, as Pillow draws rectangles.
    private static void HalfCutout(PixelCanvas canvas, SeededRandom random)
    {
        var (halfWidth, halfHeight) =
            ((int)((CutoutShare * canvas.Width) + 0.5) / 2, (int)((CutoutShare * canvas.Height) + 0.5) / 2);
        var (x, y) = (random.Next(canvas.Width), random.Next(canvas.Height));
        canvas.Fill(
            x - halfWidth, y - halfHeight, x + halfWidth + 1, y + halfHeight + 1, (byte)random.Next(256),
            (byte)random.Next(256), (byte)random.Next(256));
    }

    private static void Cutout(PixelCanvas canvas, int magnitude, SeededRandom random)
    {
        var half = (int)Math.Round(Share(magnitude) * 20, MidpointRounding.ToEven) / 2;
        var (x, y) = (random.Next(canvas.Width), random.Next(canvas.Height));
        canvas.Fill(x - half, y - half, x + half, y + half, 125, 122, 113);
    }

    private static double Share(int magnitude) => magnitude / (double)(Magnitudes - 1);

    private static int Sign(SeededRandom random) => random.NextBool() ? 1 : -1;

    private static float Factor(int magnitude, SeededRandom random) =>
        (float)(1 + (Sign(random) * Share(magnitude) * 0.9));
}
