using SkiaSharp;
using Svg;
using Svg.Skia;

namespace Flixstock.Drawings;

/// <summary>
/// Paints SVG drawings onto white squares. What it is given must be harmless already, as the engine's reading of
/// drawings leaves it: no document type, no reference to anything outside, a bounded number of elements.
/// </summary>
/// <remarks>Threads: any number.</remarks>
public static class Painter
{
    // Of the picture's side: half of what stays free around the drawing.
    private const float Margin = 0.03f;
    private const int SurveySize = 256, StackBytes = 64 << 20;

    // Nothing outside is left in what is painted; should there be, it is not opened.
    static Painter()
    {
        SvgDocument.ResolveExternalImages = ExternalType.None;
        SvgDocument.ResolveExternalElements = ExternalType.None;
        SvgDocument.ResolveExternalXmlEntites = ExternalType.None;
    }

    /// <summary>
    /// Paints a drawing: all of its page that has paint on it, as large as the square allows, in the middle.
    /// </summary>
    /// <param name="svg">The drawing, XML in UTF-8.</param>
    /// <param name="size">Height and width of the square in pixels.</param>
    /// <param name="limit">The longest time that it may take.</param>
    /// <returns>[size, size, 3]: red, green, blue.</returns>
    /// <exception cref="InvalidDataException">It cannot be painted, or nothing is to be seen; says why.</exception>
    public static byte[] Paint(byte[] svg, int size, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(svg);
        (byte[]? Pixels, Exception? Error) result = default;
        // A drawing that takes too long is left behind: there is no way to stop Skia.
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = (Paint(svg, size), null);
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    result = (null, e);
                }
            },
            StackBytes)
        { IsBackground = true, Name = "drawing" };
        thread.Start();
        if (!thread.Join(limit))
            throw new InvalidDataException($"it takes longer than {limit.TotalSeconds:0.#} s");
        return result.Pixels ?? throw (result.Error as InvalidDataException ?? new InvalidDataException(
            $"it cannot be painted: {result.Error!.Message.ReplaceLineEndings(" ")}", result.Error));
    }

    private static byte[] Paint(byte[] svg, int size)
    {
        using var drawing = new SKSvg();
        using var stream = new MemoryStream(svg, writable: false);
        var picture = drawing.Load(stream) ?? throw new InvalidDataException("nothing in it can be painted");
        var page = picture.CullRect;
        if (!(page.Width > 0 && page.Height > 0 && float.IsFinite(page.Width) && float.IsFinite(page.Height)
            && float.IsFinite(page.Left) && float.IsFinite(page.Top)))
        {
            throw new InvalidDataException("its page has no size");
        }
        using var bitmap = Render(picture, Painted(picture, page), page, size, SKColors.White, Margin);
        var pixels = new byte[size * size * 3];
        var colours = bitmap.Pixels;
        var white = true;
        for (var i = 0; i < colours.Length; i++)
        {
            (pixels[i * 3], pixels[(i * 3) + 1], pixels[(i * 3) + 2]) =
                (colours[i].Red, colours[i].Green, colours[i].Blue);
            white &= colours[i] == SKColors.White;
        }
        return white ? throw new InvalidDataException("nothing is to be seen on white") : pixels;
    }

    // The part of the page that has paint on it, to the pixel of a first painting.
    private static SKRect Painted(SKPicture picture, SKRect page)
    {
        using var survey = Render(picture, page, page, SurveySize, SKColors.Transparent, margin: 0);
        var colours = survey.Pixels;
        var (left, top, right, bottom) = (SurveySize, SurveySize, -1, -1);
        for (var i = 0; i < colours.Length; i++)
        {
            if (colours[i].Alpha < 8)
                continue;
            var (x, y) = (i % SurveySize, i / SurveySize);
            (left, right) = (Math.Min(left, x), Math.Max(right, x));
            (top, bottom) = (Math.Min(top, y), Math.Max(bottom, y));
        }
        if (right < 0)
            throw new InvalidDataException("nothing in it can be seen");
        var pixel = Math.Max(page.Width, page.Height) / SurveySize;
        var (x0, y0) = (page.MidX - (SurveySize / 2f * pixel), page.MidY - (SurveySize / 2f * pixel));
        var painted = new SKRect(
            x0 + (left * pixel), y0 + (top * pixel), x0 + ((right + 1) * pixel), y0 + ((bottom + 1) * pixel));
        painted.Intersect(page);
        return painted;
    }

    private static SKBitmap Render(
        SKPicture picture, SKRect shown, SKRect page, int size, SKColor ground, float margin)
    {
        var bitmap = new SKBitmap(new SKImageInfo(size, size, SKColorType.Rgba8888, SKAlphaType.Premul));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(ground);
        canvas.Translate(size / 2f, size / 2f);
        canvas.Scale(size * (1 - (2 * margin)) / Math.Max(shown.Width, shown.Height));
        canvas.Translate(-shown.MidX, -shown.MidY);
        canvas.ClipRect(page);
        canvas.DrawPicture(picture);
        return bitmap;
    }
}
