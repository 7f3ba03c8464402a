using ScottPlot;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// The one typeface of all our pictures, DejaVu Sans from inside the assembly. A server often has no font at all, and
/// Skia then draws no text without saying so; and with our own font a picture is the same on every machine.
/// </summary>
internal static class EmbeddedFont
{
    /// <summary>The font's family name, also the one to give ScottPlot.</summary>
    public const string FamilyName = "DejaVu Sans";

    private static readonly Lazy<SKTypeface> Loaded = new(Load);
    private static readonly Lazy<bool> Installed = new(Install);

    /// <summary>The typeface; shared, not to be disposed of.</summary>
    public static SKTypeface Typeface => Loaded.Value;

    /// <summary>Text of the font's licence, which must accompany it.</summary>
    public static string Licence
    {
        get
        {
            using var reader = new StreamReader(Open("fonts/LICENSE.txt"));
            return reader.ReadToEnd();
        }
    }

    /// <summary>A font of the given height in pixels.</summary>
    public static SKFont Create(float size) => new(Typeface, size) { Edging = SKFontEdging.Antialias, Subpixel = true };

    /// <summary>A ScottPlot plot whose every text uses the embedded font.</summary>
    public static Plot NewPlot()
    {
        NativeLibraryCheck.RequireSkia();
        _ = Installed.Value;
        var plot = new Plot();
        plot.Font.Set(FamilyName);
        return plot;
    }

    private static bool Install()
    {
        Fonts.FontResolvers.Insert(0, new Resolver());
        Fonts.Default = FamilyName;
        Fonts.Sans = FamilyName;
        return true;
    }

    private static SKTypeface Load()
    {
        NativeLibraryCheck.RequireSkia();
        using var stream = Open("fonts/DejaVuSans.ttf");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new EngineException("the embedded font cannot be read");
    }

    private static Stream Open(string resource) => typeof(EmbeddedFont).Assembly.GetManifestResourceStream(resource)
        ?? throw new EngineException($"the engine was built without its resource {resource}");

    /// <summary>
    /// Whatever is asked for, the embedded font answers. ScottPlot disposes of what it gets, so every answer is new.
    /// </summary>
    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
            Load();

        [Obsolete("ScottPlot keeps this overload for callers of its older versions.")]
        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => Load();
    }
}
