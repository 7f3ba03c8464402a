using System.Buffers;
using System.Globalization;
using SkiaSharp;

namespace Flixstock.Engine;

/// <summary>
/// Text that has to fit a width: it goes on in the next line, and where no line is left its middle is left out.
/// </summary>
internal static class TextLines
{
    private const string Ellipsis = "…";

    private static readonly SearchValues<char> BreakAfter = SearchValues.Create(" -_/.,:;");

    /// <summary>The text in at most so many lines, broken where words end if that is possible.</summary>
    /// <param name="text">Any text; an empty one is one empty line.</param>
    /// <param name="font">The font that it is drawn with.</param>
    /// <param name="width">Width of a line in pixels.</param>
    /// <param name="most">Largest number of lines, 1 or more.</param>
    public static IReadOnlyList<string> Wrap(string text, SKFont font, float width, int most)
    {
        var lines = new List<string>();
        var rest = text.Trim();
        while (lines.Count < most - 1 && font.MeasureText(rest) > width)
        {
            var end = LineEnd(rest, font, width);
            lines.Add(rest[..end].TrimEnd());
            rest = rest[end..].TrimStart();
        }
        lines.Add(Shorten(rest, font, width));
        return lines;
    }

    /// <summary>The text in one line; of one that is too long the beginning and the end.</summary>
    /// <inheritdoc cref="Wrap" path="/param"/>
    public static string Shorten(string text, SKFont font, float width)
    {
        if (font.MeasureText(text) <= width)
            return text;
        var starts = StringInfo.ParseCombiningCharacters(text);
        var (least, most) = (0, starts.Length - 1); // characters that are kept
        while (least < most)
        {
            var middle = (least + most + 1) / 2;
            if (font.MeasureText(Kept(text, starts, middle)) <= width)
                least = middle;
            else
                most = middle - 1;
        }
        return Kept(text, starts, least);
    }

    private static string Kept(string text, int[] starts, int count)
    {
        if (count == 0)
            return Ellipsis;
        var tail = ((count * 3) + 4) / 5; // names mostly differ there
        return text[..starts[count - tail]].TrimEnd() + Ellipsis + text[starts[^tail]..].TrimStart();
    }

    // Behind the last word that fits, or within a word that is longer than a line.
    private static int LineEnd(string text, SKFont font, float width)
    {
        var starts = StringInfo.ParseCombiningCharacters(text);
        var fits = 1;
        while (fits < starts.Length - 1 && font.MeasureText(text[..starts[fits + 1]].TrimEnd()) <= width)
            fits++;
        var end = fits < starts.Length ? starts[fits] : text.Length;
        var word = text.AsSpan(0, end).LastIndexOfAny(BreakAfter) + 1;
        return word > 0 ? word : end;
    }
}
