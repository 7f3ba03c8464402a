using BitMiracle.LibTiff.Classic;

namespace Flixstock.Engine;

/// <summary>Makes RGB of the samples of a TIFF as Pillow does.</summary>
internal sealed class TiffColours
{
    private readonly TiffPage _page;
    private readonly byte[] _scaled; // samples of fewer than 8 bits scaled to 255; inverted if 0 is white

    public TiffColours(TiffPage page)
    {
        _page = page;
        _scaled = [.. Enumerable.Range(0, page.MaxValue + 1).Select(value => (byte)(value * 255 / page.MaxValue))];
        if (page.Photometric == Photometric.MINISWHITE)
            Array.Reverse(_scaled);
    }

    /// <summary>A row of pixels.</summary>
    /// <param name="samples">[pixels, samples]</param>
    /// <param name="rgb">[pixels, 3]</param>
    public void Convert(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        for (int from = 0, to = 0; to < rgb.Length; from += _page.Samples, to += 3)
        {
            var pixel = samples.Slice(from, _page.Samples);
            var colour = rgb.Slice(to, 3);
            if (_page.Palette is { } palette)
                (colour[0], colour[1], colour[2]) = (palette[0][pixel[0]], palette[1][pixel[0]], palette[2][pixel[0]]);
            else if (_page.Photometric == Photometric.SEPARATED)
                FromCmyk(pixel, colour);
            else if (_page.Photometric == Photometric.RGB)
                FromRgb(pixel, colour);
            else
                colour.Fill(_scaled[pixel[0]]);
        }
    }

    private void FromRgb(ReadOnlySpan<byte> pixel, Span<byte> colour)
    {
        for (var k = 0; k < 3; k++)
        {
            var value = _scaled[pixel[k]];
            var alpha = _page.Premultiplied ? _scaled[pixel[3]] : 255;
            colour[k] = alpha is 255 or 0 ? (alpha == 0 ? (byte)0 : value) : (byte)Math.Min(255, value * 255 / alpha);
        }
    }

    private void FromCmyk(ReadOnlySpan<byte> pixel, Span<byte> colour)
    {
        var light = 255 - _scaled[pixel[3]];
        for (var k = 0; k < 3; k++)
        {
            var product = (_scaled[pixel[k]] * light) + 128;
            colour[k] = (byte)Math.Clamp(light - (((product >> 8) + product) >> 8), 0, 255);
        }
    }
}
