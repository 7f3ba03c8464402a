using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Everything of a picture that is not a label: drawn before the labels are read, from the same distributions for every
/// class, so
/// that neither colour nor pose nor size says anything about them.
/// </summary>
internal sealed class GarmentLook
{
    public GarmentLook(SeededRandom random, int size)
    {
        Width = size + random.Next((size / 8) + 1);
        Height = size + random.Next((size / 4) + 1);
        Skin = PickSkin(random);
        (Fabric, Print) = PickPair(random, Skin);
        Accent = PickAway(random, 90, Fabric, Print);
        Background = PickAway(random, 80, Fabric, Skin);
        BackgroundTwo = Mix(Background, PickAway(random, 60, Fabric, Skin), random.NextDouble(0.1, 0.5));
        Hair = Mix(new SKColor(25, 18, 14), new SKColor(190, 150, 90), random.NextDouble());
        Rotation = (float)random.NextDouble(-6, 6);
        ShiftX = (float)random.NextDouble(-4, 4);
        ShiftY = (float)random.NextDouble(-3, 3);
        Scale = (float)random.NextDouble(0.95, 1.12);
        ArmSpread = (float)random.NextDouble(0, 1);
        Girth = (float)random.NextDouble(-2.5, 2.5);
        Blur = (float)(random.NextBool(0.4) ? random.NextDouble(0.2, 0.75) : 0);
        Noise = random.NextDouble(0, 6);
        Exposure = random.NextDouble(0.85, 1.1);
    }

    public int Width { get; }

    public int Height { get; }

    public SKColor Skin { get; }

    public SKColor Fabric { get; }

    public SKColor Print { get; }

    public SKColor Accent { get; }

    public SKColor Background { get; }

    public SKColor BackgroundTwo { get; }

    public SKColor Hair { get; }

    /// <summary>Degrees.</summary>
    public float Rotation { get; }

    public float ShiftX { get; }

    public float ShiftY { get; }

    public float Scale { get; }

    /// <summary>0: arms hanging, 1: held away from the body.</summary>
    public float ArmSpread { get; }

    public float Girth { get; }

    /// <summary>Standard deviation of the blur in percent of the picture's side.</summary>
    public float Blur { get; }

    /// <summary>Standard deviation of the noise in grey levels.</summary>
    public double Noise { get; }

    public double Exposure { get; }

    public static SKColor Mix(SKColor from, SKColor to, double share)
    {
        byte Channel(byte a, byte b) => (byte)Math.Round(a + ((b - a) * share));
        return new SKColor(Channel(from.Red, to.Red), Channel(from.Green, to.Green), Channel(from.Blue, to.Blue));
    }

    public static double Luminance(SKColor color) => (0.299 * color.Red) + (0.587 * color.Green) + (0.114 * color.Blue);

    private static SKColor PickSkin(SeededRandom random)
    {
        var tone = Mix(new SKColor(92, 58, 40), new SKColor(246, 212, 186), random.NextDouble());
        return Mix(tone, new SKColor(210, 140, 110), random.NextDouble(0, 0.2));
    }

    private static SKColor PickColor(SeededRandom random)
    {
        var hue = (float)random.NextDouble(0, 360);
        var saturation = (float)random.NextDouble(5, 90);
        var value = (float)random.NextDouble(14, 98);
        return SKColor.FromHsv(hue, saturation, value);
    }

    /// <summary>
    /// Two colours a pattern shows in: exchangeable, so a plain garment has the same colours as a printed one.
    /// </summary>
    private static (SKColor First, SKColor Second) PickPair(SeededRandom random, SKColor skin)
    {
        while (true)
        {
            var first = PickAway(random, 95, skin);
            var second = PickAway(random, 70, skin);
            // Both must stay away from the skin alike, or the order of the pair would carry information.
            if (Distance(second, skin) >= 95 && Math.Abs(Luminance(first) - Luminance(second)) >= 85)
                return (first, second);
        }
    }

    /// <summary>
    /// A colour that far (in RGB levels) from the others; the limit gives way slowly, so that one is always found.
    /// </summary>
    private static SKColor PickAway(SeededRandom random, double distance, params ReadOnlySpan<SKColor> others)
    {
        while (true)
        {
            var color = PickColor(random);
            var near = false;
            foreach (var other in others)
                near |= Distance(color, other) < distance;
            if (!near)
                return color;
            distance *= 0.98;
        }
    }

    private static double Distance(SKColor a, SKColor b) =>
        Math.Sqrt(Math.Pow(a.Red - b.Red, 2) + Math.Pow(a.Green - b.Green, 2) + Math.Pow(a.Blue - b.Blue, 2));
}
