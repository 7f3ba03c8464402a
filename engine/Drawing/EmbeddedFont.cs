using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// The one typeface of all our pictures, DejaVu Sans from inside the assembly. A server often has no font at all, and
/// Skia then draws no text without saying so; and with our own font a picture is the same on every machine.
/// </summary>
internal static class EmbeddedFont
{
    private static readonly Lazy<SKTypeface> Loaded = new(Load);

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

    private static SKTypeface Load()
    {
        NativeLibraryCheck.RequireSkia();
        using var stream = Open("fonts/DejaVuSans.ttf");
        using var data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new EngineException("the embedded font cannot be read");
    }

    private static Stream Open(string resource) => typeof(EmbeddedFont).Assembly.GetManifestResourceStream(resource)
        ?? throw new EngineException($"the engine was built without its resource {resource}");
}
