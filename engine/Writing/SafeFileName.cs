using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// File names made of texts that come from files, such as the name of an attribute: one name, never a path, of
/// characters that every file system takes, and not too long. Texts that fit stay as they are; what has to be changed
/// ends with a digest of the text, so that different texts stay different names.
/// </summary>
internal static class SafeFileName
{
    /// <summary>Bytes in UTF-8 that file systems take in a name.</summary>
    public const int LongestName = 255;

    private const int DigestBytes = 4;

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1",
        "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    };

    /// <summary>A name that holds a text.</summary>
    /// <param name="before">Beginning of the name, such as "chart_".</param>
    /// <param name="text">Any text.</param>
    /// <param name="after">End of the name, such as ".png".</param>
    public static string Of(string before, string text, string after)
    {
        var plain = string.Concat(text.EnumerateRunes().Select(rune => IsSafe(rune) ? rune.ToString() : "_"));
        if (before.Length == 0 && (plain.TrimStart('.').Length == 0 || Reserved.Contains(plain.Split('.')[0])))
            plain = "_" + plain;
        if (after.Length == 0)
            plain = plain.TrimEnd('.', ' ');
        return before + Fitted(text, plain, Encoding.UTF8.GetByteCount(before + after)) + after;
    }

    /// <summary>
    /// A name derived from another file's: shortened if it is too long together with what follows; otherwise unchanged.
    /// </summary>
    /// <param name="stem">A name, or its beginning.</param>
    /// <param name="after">The text that follows, such as "_aug_1.jpg".</param>
    public static string Fitting(string stem, string after) =>
        Fitted(stem, stem, Encoding.UTF8.GetByteCount(after)) + after;

    private static string Fitted(string text, string plain, int taken)
    {
        if (plain == text && Encoding.UTF8.GetByteCount(plain) + taken <= LongestName)
            return plain;
        var digest = "-"
            + Convert.ToHexStringLower(Sha256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, DigestBytes));
        var room = LongestName - taken - digest.Length;
        var kept = new StringBuilder();
        foreach (var rune in plain.EnumerateRunes())
        {
            if ((room -= rune.Utf8SequenceLength) < 0)
                break;
            kept.Append(rune.ToString());
        }
        return kept + digest;
    }

    private static bool IsSafe(Rune rune) => rune != Rune.ReplacementChar && !HiddenCharacters.Contains(rune.Value)
        && !"/\\:*?\"<>|".Contains(rune.ToString(), StringComparison.Ordinal);
}
