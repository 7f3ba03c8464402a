using System.Text;
using System.Text.RegularExpressions;

namespace Flixstock.Fuzz;

/// <summary>
/// Changes texts of words, numbers and signs, JSON and CSV alike, so that most stay what they are and say something
/// impossible.
/// </summary>
internal sealed partial class TextMutation(Random random)
{
    private const int DeepestNest = 20_000, LongestName = 200_000, MostCopies = 400;

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "-0", "0.5", "1e3", "1e308", "1e-400", "99", "127", "255", "65504", "65536", "2147483647",
        "2147483648", "-2147483648", "4294967295", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "18446744073709551616", "99999999999999999999999999", "NaN", "Infinity", "-Infinity", "1,5", "0x10", "1e", "٣",
    ];

    private static readonly string[] Words =
    [
        "", " ", "null", "true", "false", "[]", "{}", "[null]", "{\"a\":1}", "#N/A", "../../up.jpg", "/etc/passwd",
        "c:\\windows", "a/b", "\\\\server\\x", ".", "..", "con", "=1+1", "@SUM(1)", "[red]", "[/]", "\u202Eabc", "a\0b",
        "a\tb", "a\nb", "\u001B[31m", "\\ud800", "\\u0000", "\uFFFD", "é", "e\u0301", "\"", "\"\"", ",", ";", "others",
        "none", "auto", "1.0", "01", "yes", "%s", "{0}",
    ];

    /// <summary>One to four changes.</summary>
    public byte[] Change(byte[] seed)
    {
        var tokens = Token().Matches(Encoding.UTF8.GetString(seed)).Select(match => match.Value).ToList();
        for (var changes = random.Next(3) == 0 ? 1 + random.Next(4) : 1; changes > 0 && tokens.Count > 0; changes--)
            ChangeOne(tokens);
        var bytes = Encoding.UTF8.GetBytes(string.Concat(tokens));
        return random.Next(12) == 0 ? ChangeBytes(bytes) : bytes;
    }

    private void ChangeOne(List<string> tokens)
    {
        var at = random.Next(tokens.Count);
        switch (random.Next(14))
        {
            case < 4:
                at = Nearest(tokens, at, char.IsAsciiDigit);
                tokens[at] = Numbers[random.Next(Numbers.Length)];
                break;
            case < 7:
                at = Nearest(tokens, at, char.IsLetter);
                tokens[at] = Word(tokens);
                break;
            case 7:
                tokens.RemoveAt(at);
                break;
            case 8:
                tokens.Insert(at, tokens[random.Next(tokens.Count)]);
                break;
            case 9:
                tokens.RemoveRange(at, Math.Min(random.Next(20), tokens.Count - at));
                break;
            case 10:
                Repeat(tokens, at);
                break;
            case 11:
                (tokens[at], tokens[0]) = (tokens[0], tokens[at]);
                break;
            case 12:
                tokens[at] = Words[random.Next(Words.Length)];
                break;
            default:
                tokens.Insert(at, Rare());
                break;
        }
    }

    private string Word(List<string> tokens) => random.Next(3) switch
    {
        0 => tokens[random.Next(tokens.Count)],
        1 => Words[random.Next(Words.Length)],
        _ => Numbers[random.Next(Numbers.Length)],
    };

    // What is large, or deep, or not text at all.
    private string Rare() => random.Next(6) switch
    {
        0 => new string('x', random.Next(LongestName)),
        1 => new string('[', random.Next(DeepestNest)),
        2 => string.Concat(Enumerable.Repeat("{\"a\":", random.Next(DeepestNest))),
        3 => "\uFEFF",
        4 => new string('\n', random.Next(1000)),
        _ => string.Concat(Enumerable.Repeat("\"", 1 + random.Next(3))),
    };

    private void Repeat(List<string> tokens, int at)
    {
        var part = tokens.GetRange(at, Math.Min(1 + random.Next(30), tokens.Count - at));
        for (var copies = random.Next(10) == 0 ? random.Next(MostCopies) : 1 + random.Next(3); copies > 0; copies--)
            tokens.InsertRange(at, part);
    }

    private byte[] ChangeBytes(byte[] bytes)
    {
        if (bytes.Length == 0)
            return bytes;
        switch (random.Next(5))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                return Encoding.Unicode.GetPreamble()
                    .Concat(Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(bytes))).ToArray();
            case 2:
                return Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(bytes));
            default:
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
        }
    }

    private static int Nearest(List<string> tokens, int from, Func<char, bool> first)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var at = (from + i) % tokens.Count;
            if (tokens[at].Length > 0 && first(tokens[at][0]))
                return at;
        }
        return from;
    }

    [GeneratedRegex(@"[\p{L}_]+|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\s+|.", RegexOptions.Singleline)]
    private static partial Regex Token();
}
