using System.Buffers;

namespace Flixstock.Engine;

/// <summary>Random changes that are made each time a picture is loaded.</summary>
public enum AugmentationKind
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Flip, scale and colour.</summary>
    Garments,
    /// <summary>Cutout and two operations of RandAugment, as in the reference's COCO training.</summary>
    RandAugment,
}

/// <summary>
/// Changes pictures of the network's size at random; everything follows from the generator that is passed in.
/// </summary>
internal static class PictureAugmentation
{
    private const double LeastScale = 0.8, MostColour = 0.3;

    /// <summary>A line for the record.</summary>
    public static string Describe(AugmentationKind kind) => kind switch
    {
        AugmentationKind.None => "none",
        AugmentationKind.Garments => "half of the pictures flipped, a window of 80 to 100 % of the side stretched to "
            + "the whole, brightness, contrast and colour times 0.7 to 1.3",
        AugmentationKind.RandAugment => "a cutout of half the side in a random colour, then two random operations with "
            + "probability 0.5 each (get_data.py of Alibaba-MIIL/PartialLabelingCSL, randaugment 1.0.2)",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such augmentation"),
    };

    /// <summary>Changes a picture in place.</summary>
    /// <param name="kind">How the picture is changed.</param>
    /// <param name="pixels">[height, width, 3]</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="random">Generator for this picture in this epoch.</param>
    public static void Apply(AugmentationKind kind, Span<byte> pixels, int width, int height, SeededRandom random)
    {
        if (kind == AugmentationKind.None)
            return;
        var scratch = ArrayPool<byte>.Shared.Rent(pixels.Length);
        try
        {
            var canvas = new PixelCanvas(pixels, scratch.AsSpan(0, pixels.Length), width, height);
            if (kind == AugmentationKind.Garments)
                Garments(canvas, random);
            else
                RandomOperations.Apply(canvas, random);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    // Each decision has its generator, so that one change does not shift another's numbers.
    private static void Garments(PixelCanvas canvas, SeededRandom random)
    {
        if (random.Derive("flip").NextBool())
            canvas.Flip();
        var own = random.Derive("scale");
        var scale = own.NextDouble(LeastScale, 1);
        var (left, top) =
            (own.NextDouble() * (1 - scale) * canvas.Width, own.NextDouble() * (1 - scale) * canvas.Height);
        canvas.AffineBicubic(scale, 0, left, 0, scale, top);
        canvas.Brightness(Factor(random, "brightness"));
        canvas.Contrast(Factor(random, "contrast"));
        canvas.Colour(Factor(random, "colour"));
    }

    private static float Factor(SeededRandom random, string name) =>
        (float)random.Derive(name).NextDouble(1 - MostColour, 1 + MostColour);
}
