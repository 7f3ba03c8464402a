using System.Globalization;

namespace Flixstock.Engine;

/// <summary>
/// Small pictures inside a page. Each is there once, however often it is shown, and there are as many as fit: pictures
/// that are asked for first come first.
/// </summary>
/// <param name="mostBytes">Largest size of all together in the page, in bytes.</param>
/// <param name="mostPlaces">Largest number of places in which pictures are shown.</param>
/// <param name="cancellation">Stops between pictures.</param>
internal sealed class Thumbnails(int mostBytes, int mostPlaces, CancellationToken cancellation = default)
{
    /// <summary>Longer side in pixels.</summary>
    public const int Side = 96;

    private const int Quality = 72;

    private readonly Dictionary<(string Path, long Offset), (string Id, int Width, int Height)?> _known = [];
    private readonly Markup _definitions = new();
    private int _places;

    /// <summary>The picture, to be shown at one more place.</summary>
    /// <param name="sample">The picture.</param>
    /// <param name="exifRotate">Turn it as its EXIF orientation says.</param>
    /// <returns>The element; null if there is no room or it cannot be read.</returns>
    public Markup? Show(Sample sample, bool exifRotate)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_places >= mostPlaces)
            return null;
        if (!_known.TryGetValue((sample.Path, sample.Offset), out var shown))
            _known.Add((sample.Path, sample.Offset), shown = Add(sample, exifRotate));
        if (shown is not var (id, width, height))
            return null;
        _places++;
        return ((Markup)$"<svg viewBox=\"0 0 {width} {height}\" role=\"img\" ").With(
            $"aria-label=\"{sample.File}\"><use href=\"#{id}\"/></svg>");
    }

    /// <summary>What the elements refer to: stands once in the page.</summary>
    public Markup Definitions() => new Markup()
        .Add($"<svg width=\"0\" height=\"0\" class=\"album\" aria-hidden=\"true\"><defs>")
        .Add(_definitions).Add($"</defs></svg>");

    private (string Id, int Width, int Height)? Add(Sample sample, bool exifRotate)
    {
        if (_definitions.Length >= mostBytes)
            return null;
        RgbPicture picture;
        try
        {
            picture = Shrunk(sample.Decode(exifRotate));
        }
        catch (InputException)
        {
            return null; // it was there a moment ago, while it was scored
        }
        var id = string.Create(CultureInfo.InvariantCulture, $"p{_known.Count}");
        var data = Convert.ToBase64String(PictureWriter.EncodeJpeg(picture, Quality));
        if (_definitions.Length + data.Length > mostBytes)
            return null;
        _definitions.Add(((Markup)$"<image id=\"{id}\" width=\"{picture.Width}\" height=\"{picture.Height}\" ").With(
            $"href=\"data:image/jpeg;base64,{data}\"/>"));
        return (id, picture.Width, picture.Height);
    }

    private static RgbPicture Shrunk(RgbPicture picture)
    {
        var scale = Math.Min(1, (double)Side / Math.Max(picture.Width, picture.Height));
        return PictureResizer.Resize(
            picture, Math.Max(1, (int)Math.Round(picture.Width * scale)),
            Math.Max(1, (int)Math.Round(picture.Height * scale)));
    }
}
