using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Characters that a terminal obeys instead of showing: controls (C0, DEL, C1), what changes the direction of text
/// (U+200E, U+200F, U+061C, U+202A to U+202E, U+2066 to U+2069) and separators of lines and paragraphs. In names from
/// files they make a screen show what is not so.
/// </summary>
internal static class HiddenCharacters
{
    /// <summary>True for a hidden character.</summary>
    public static bool Contains(int character) =>
        character is < 0x20 or (>= 0x7F and < 0xA0) or 0x061C or 0x200E or 0x200F or (>= 0x2028 and <= 0x202E)
            or (>= 0x2066 and <= 0x2069);

    /// <summary>
    /// The text with a space in place of each hidden character; ends of lines stay if they are wanted.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="lines">Keep line feeds, and carriage returns before them.</param>
    public static string Blanked(string text, bool lines = false)
    {
        if (!text.Any(c => Contains(c)))
            return text;
        var result = text.ToCharArray();
        for (var i = 0; i < result.Length; i++)
        {
            var kept = lines
                && (result[i] == '\n' || (result[i] == '\r' && i + 1 < result.Length && text[i + 1] == '\n'));
            if (!kept && Contains(result[i]))
                result[i] = ' ';
        }
        return new string(result);
    }

    /// <summary>JSON with those hidden characters escaped that its writer lets through.</summary>
    /// <param name="json">Well-formed, in one line or several.</param>
    public static string EscapedJson(string json)
    {
        var text = new StringBuilder(json.Length);
        foreach (var c in json)
        {
            if (Contains(c) && c is not ('\n' or '\r' or '\t'))
                text.Append($"\\u{(int)c:X4}");
            else
                text.Append(c);
        }
        return text.ToString();
    }
}
