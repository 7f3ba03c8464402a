using System.Globalization;
using System.Text;
using Wcwidth;

namespace Flixstock.Cli;

/// <summary>Text measured in the cells of a terminal: a Chinese character takes two, a combining accent none.</summary>
internal static class TextWidth
{
    private const string CommandName = "flixstock ";

    /// <summary>Cells that a line of text takes.</summary>
    public static int Of(string text) => Ascii.IsValid(text)
        ? text.Length
        : text.EnumerateRunes().Sum(rune => Math.Max(0, UnicodeCalculator.GetWidth(rune.Value)));

    /// <summary>The text, or its beginning and its end: file names and class names often differ in either.</summary>
    /// <param name="text">One line.</param>
    /// <param name="width">Width in cells.</param>
    /// <param name="dots">Text in place of the part that is left out.</param>
    public static string Middle(string text, int width, string dots = "…")
    {
        if (Of(text) <= width)
            return text;
        var room = width - dots.Length;
        if (room < 2)
            return Start(Elements(text), Math.Max(0, width));
        var head = Start(Elements(text), (room + 1) / 2);
        return head + dots + string.Concat(Taken(Elements(text).Reverse(), room - Of(head)).Reverse());
    }

    /// <summary>Filled with spaces to a width.</summary>
    public static string Pad(string text, int width, bool right)
    {
        var space = new string(' ', Math.Max(0, width - Of(text)));
        return right ? space + text : text + space;
    }

    /// <summary>
    /// Lines of at most this many cells, broken between words only: a longer word has a line to itself, and so has a
    /// command line, which must stay in one piece to be copied. The following lines are indented as the first one and
    /// by two more.
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, int width, int hanging = 2)
    {
        if (Of(text) <= width)
            return [text];
        var indent = text.Length - text.TrimStart(' ').Length;
        var next = new string(' ', Math.Min(indent + hanging, width / 2));
        var lines = new List<string>();
        var line = new StringBuilder(text[..indent]);
        var used = indent;
        foreach (var (space, word) in Words(text[indent..]))
        {
            var size = Of(word);
            if (line.ToString().Trim().Length > 0 && used + space + size > width)
            {
                lines.Add(line.ToString());
                line.Clear().Append(next).Append(word);
                used = next.Length + size;
                continue;
            }
            line.Append(' ', space).Append(word);
            used += space + size;
        }
        lines.Add(line.ToString());
        return lines;
    }

    /// <summary>A line that is a command to copy.</summary>
    public static bool IsCommand(string line) =>
        line.AsSpan().TrimStart().StartsWith(CommandName, StringComparison.Ordinal);

    // Words with the number of spaces before them; a command line at the end is one word.
    private static IEnumerable<(int Space, string Word)> Words(string text)
    {
        var command = text.StartsWith(CommandName, StringComparison.Ordinal)
            ? 0
            : text.IndexOf(": " + CommandName, StringComparison.Ordinal) is >= 0 and var found
                ? found + 2
                : text.Length;
        var space = 0;
        foreach (var word in text[..command].Split(' '))
        {
            if (word.Length > 0)
                yield return (space, word);
            space = word.Length > 0 ? 1 : space + 1;
        }
        if (command < text.Length)
            yield return (command > 0 ? 1 : 0, text[command..]);
    }

    private static IEnumerable<string> Elements(string text)
    {
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
            yield return elements.GetTextElement();
    }

    private static string Start(IEnumerable<string> elements, int width) => string.Concat(Taken(elements, width));

    private static IEnumerable<string> Taken(IEnumerable<string> elements, int width)
    {
        foreach (var element in elements)
        {
            width -= Of(element);
            if (width < 0)
                yield break;
            yield return element;
        }
    }
}
