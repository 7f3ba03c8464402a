using System.Text.RegularExpressions;

namespace Flixstock.Engine;

/// <summary>Keeps messages readable regardless of the names in a file: a name of 50 MB is no help to anyone.</summary>
internal static partial class MessageText
{
    private const int LongestName = 1000, NameBegin = 100, NameEnd = 50;
    private const int Longest = 12_000; // two paths of the greatest length, and a sentence

    /// <summary>
    /// The text in one line, with long quoted names and, if it is still long, its middle left out; says how much.
    /// </summary>
    public static string Shortened(string text)
    {
        text = text.ReplaceLineEndings(" ");
        if (text.Length <= LongestName)
            return text;
        text = LongName().Replace(text, name => $"'{Cut(name.Value[1..^1], NameBegin, NameEnd)}'");
        return text.Length <= Longest ? text : Cut(text, Longest / 2, Longest / 4);
    }

    private static string Cut(string text, int begin, int end)
    {
        // Never through a pair of surrogates.
        begin -= char.IsHighSurrogate(text[begin - 1]) ? 1 : 0;
        end -= char.IsLowSurrogate(text[^end]) ? 1 : 0;
        return FormattableString.Invariant(
            $"{text[..begin]}... ({text.Length - begin - end:n0} characters) ...{text[^end..]}");
    }

    [GeneratedRegex("'[^']{1001,}'", RegexOptions.CultureInvariant)]
    private static partial Regex LongName();
}
