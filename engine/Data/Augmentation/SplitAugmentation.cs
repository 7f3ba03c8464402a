namespace Flixstock.Engine;

/// <summary>
/// The six random changes of the reference's balancing (albumentations, in its order, with its parameters, defaults and
/// probabilities). Everything follows from the generator that is passed in.
/// </summary>
internal static class SplitAugmentation
{
    /// <summary>A changed copy of a picture; the picture itself stays as it is.</summary>
    public static RgbPicture Apply(RgbPicture picture, SeededRandom random)
    {
        // Decisions and parameters are always drawn from separate generators, so one change does not shift another's
        // numbers.
        var result = picture;
        if (Happens(random, "shift-scale-rotate", 0.5, out var own))
        {
            result = ShiftScaleRotate(
                result, own.NextDouble(-10, 10), 1 + own.NextDouble(-0.2, 0.2), own.NextDouble(-0.2, 0.2),
                own.NextDouble(-0.2, 0.2));
        }
        if (Happens(random, "flip", 0.75, out _))
            result = FlipHorizontally(result);
        if (Happens(random, "channel-shuffle", 0.5, out own))
            result = ShuffleChannels(result, own);
        if (Happens(random, "rgb-shift", 0.5, out own))
            result = MapChannels(result, ShiftTable(own), ShiftTable(own), ShiftTable(own));
        if (Happens(random, "perspective", 0.75, out own))
            result = Perspective(result, own);
        if (Happens(random, "tone-curve", 0.5, out own))
        {
            var curve = ToneCurve(
                Math.Clamp(0.25 + (0.2 * own.NextGaussian()), 0, 1),
                Math.Clamp(0.75 + (0.2 * own.NextGaussian()), 0, 1));
            result = MapChannels(result, curve, curve, curve);
        }
        return result;
    }

    /// <summary>
    /// Turns by degrees (counter-clockwise) and scales about the middle, then shifts by fractions of the size; mirrored
    /// borders.
    /// </summary>
    public static RgbPicture ShiftScaleRotate(
        RgbPicture picture, double degrees, double scale, double shiftX, double shiftY)
    {
        var (centerX, centerY) = (picture.Width / 2.0, picture.Height / 2.0);
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        // The inverse of OpenCV's rotation matrix with the shift added: result pixel -> source pixel.
        var (a, b) = (cos / scale, -sin / scale);
        var (originX, originY) = (centerX + (shiftX * picture.Width), centerY + (shiftY * picture.Height));
        return PictureWarp.Apply(picture,
        [
            a, b, centerX - (a * originX) - (b * originY),
            -b, a, centerY + (b * originX) - (a * originY),
            0, 0, 1,
        ], PictureBorder.Reflect);
    }

    public static RgbPicture FlipHorizontally(RgbPicture picture)
    {
        var result = new RgbPicture(picture.Width, picture.Height);
        for (var y = 0; y < picture.Height; y++)
        {
            var row = y * picture.Width * 3;
            for (int from = row, to = row + ((picture.Width - 1) * 3); to >= row; from += 3, to -= 3)
                picture.Pixels.AsSpan(from, 3).CopyTo(result.Pixels.AsSpan(to));
        }
        return result;
    }

    /// <summary>
    /// The tone curve through (0, 0) and (1, 1) that two control points bend: a cubic Bezier, as a table of 256.
    /// </summary>
    public static byte[] ToneCurve(double low, double high) => [.. Enumerable.Range(0, 256).Select(value =>
    {
        var t = value / 255.0;
        var rest = 1 - t;
        var y = (3 * rest * rest * t * low) + (3 * rest * t * t * high) + (t * t * t);
        return (byte)Math.Clamp(Math.Round(y * 255, MidpointRounding.ToEven), 0, 255);
    })];

    private static bool Happens(SeededRandom random, string name, double probability, out SeededRandom own)
    {
        own = random.Derive(name);
        return own.NextBool(probability);
    }

    private static RgbPicture ShuffleChannels(RgbPicture picture, SeededRandom random)
    {
        Span<int> order = [0, 1, 2];
        random.Shuffle(order);
        var result = new RgbPicture(picture.Width, picture.Height);
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            result.Pixels[i] = picture.Pixels[i + order[0]];
            result.Pixels[i + 1] = picture.Pixels[i + order[1]];
            result.Pixels[i + 2] = picture.Pixels[i + order[2]];
        }
        return result;
    }

    private static byte[] ShiftTable(SeededRandom random)
    {
        var shift = random.NextDouble(-50, 50);
        return [.. Enumerable.Range(0, 256).Select(value => (byte)Math.Clamp(value + shift, 0, 255))];
    }

    private static RgbPicture MapChannels(RgbPicture picture, byte[] red, byte[] green, byte[] blue)
    {
        var result = new RgbPicture(picture.Width, picture.Height);
        for (var i = 0; i < picture.Pixels.Length; i += 3)
        {
            result.Pixels[i] = red[picture.Pixels[i]];
            result.Pixels[i + 1] = green[picture.Pixels[i + 1]];
            result.Pixels[i + 2] = blue[picture.Pixels[i + 2]];
        }
        return result;
    }

    /// <summary>
    /// Moves each corner inwards by |N(0, s)| of the size, s from U(0.05, 0.1), and stretches what lies between over
    /// the whole picture.
    /// </summary>
    private static RgbPicture Perspective(RgbPicture picture, SeededRandom random)
    {
        var scale = random.NextDouble(0.05, 0.1);
        Span<double> inwards = stackalloc double[8];
        foreach (ref var move in inwards)
            move = Math.Abs(scale * random.NextGaussian()) % 0.5;
        var (width, height) = ((double)picture.Width, (double)picture.Height);
        var map = PerspectiveMap.SquareTo(
        [
            inwards[0] * width, inwards[1] * height,
            (1 - inwards[2]) * width, inwards[3] * height,
            (1 - inwards[4]) * width, (1 - inwards[5]) * height,
            inwards[6] * width, (1 - inwards[7]) * height,
        ]);
        // The reference warps to the quadrangle's own size and then resizes; here both are one map and one
        // interpolation.
        return PictureWarp.Apply(
            picture, PerspectiveMap.OfPixels(map, picture.Width, picture.Height), PictureBorder.Black);
    }
}
