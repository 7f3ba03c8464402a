using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Colours of numbers, from dark violet over blue and green to light yellow. In Oklab (Ottosson 2020), where distances
/// are differences as people see them, lightness and hue rise evenly and chroma stays: equal steps look equal, the
/// order can be read by those who do not tell red from green, and is still there in a grey print.
/// </summary>
internal static class ColourScale
{
    private const double Darkest = 0.3, Lightest = 0.92;
    private const double FirstHue = 305, LastHue = 100; // degrees
    private const double Chroma = 0.1; // the most at which every colour of the scale can be shown
    private const int Steps = 256;

    private static readonly SKColor[] Colours = [.. Enumerable.Range(0, Steps).Select(i => Compute(i / (Steps - 1.0)))];

    /// <summary>The colour of a number from 0 to 1; of others that of the nearer end.</summary>
    public static SKColor Of(float share) =>
        Colours[(int)MathF.Round(Math.Clamp(float.IsNaN(share) ? 0 : share, 0, 1) * (Steps - 1))];

    /// <summary>Oklab's coordinates of a number from 0 to 1: lightness, green to red, blue to yellow.</summary>
    internal static (double Lightness, double A, double B) Oklab(double share)
    {
        var hue = (FirstHue + ((LastHue - FirstHue) * share)) * Math.PI / 180;
        return (Darkest + ((Lightest - Darkest) * share), Chroma * Math.Cos(hue), Chroma * Math.Sin(hue));
    }

    /// <summary>Red, green and blue, linear in light; from 0 to 1 if a screen can show the colour.</summary>
    internal static (double Red, double Green, double Blue) Linear(double lightness, double a, double b)
    {
        var l = Math.Pow(lightness + (0.3963377774 * a) + (0.2158037573 * b), 3);
        var m = Math.Pow(lightness - (0.1055613458 * a) - (0.0638541728 * b), 3);
        var s = Math.Pow(lightness - (0.0894841775 * a) - (1.2914855480 * b), 3);
        return (
            (4.0767416621 * l) - (3.3077115913 * m) + (0.2309699292 * s),
            (-1.2684380046 * l) + (2.6097574011 * m) - (0.3413193965 * s),
            (-0.0041960863 * l) - (0.7034186147 * m) + (1.7076147010 * s));
    }

    private static SKColor Compute(double share)
    {
        var (lightness, a, b) = Oklab(share);
        var (red, green, blue) = Linear(lightness, a, b);
        return new SKColor(Encode(red), Encode(green), Encode(blue));
    }

    // The sRGB transfer function.
    private static byte Encode(double linear)
    {
        var value = Math.Clamp(linear, 0, 1);
        var encoded = value <= 0.0031308 ? 12.92 * value : (1.055 * Math.Pow(value, 1 / 2.4)) - 0.055;
        return (byte)Math.Round(encoded * 255);
    }
}
