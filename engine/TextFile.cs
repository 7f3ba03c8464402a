using System.Text;
using System.Text.Unicode;

namespace Flixstock.Engine;

/// <summary>
/// The one way to read a text that a user brings: strict UTF-8, with or without a byte order mark; UTF-16 and UTF-32 if
/// the mark says so. A wrong byte is
/// an error with its place: read as anything else it would end up in names of classes, checkpoints and models.
/// </summary>
internal static class TextFile
{
    private static readonly (byte[] Mark, Encoding Encoding)[] Marked =
    [
        ([0xEF, 0xBB, 0xBF], new UTF8Encoding(false, true)),
        ([0xFF, 0xFE, 0, 0], new UTF32Encoding(false, false, true)),
        ([0, 0, 0xFE, 0xFF], new UTF32Encoding(true, false, true)),
        ([0xFF, 0xFE], new UnicodeEncoding(false, false, true)),
        ([0xFE, 0xFF], new UnicodeEncoding(true, false, true)),
    ];

    /// <summary>The text of a file.</summary>
    /// <exception cref="InputException">
    /// There is no such file, it cannot be read, or it is not UTF-8; names the row and byte.
    /// </exception>
    public static string Read(string path) => Decode(WholeFile.Read(path), path);

    /// <summary>The lines of a file, without their ends.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>.</exception>
    public static string[] ReadLines(string path)
    {
        var lines = Read(path).ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    /// <summary>The text of a file as UTF-8 without a mark, checked; for readers that take bytes.</summary>
    /// <exception cref="InputException">As <see cref="Read"/>.</exception>
    public static ReadOnlyMemory<byte> ReadUtf8(string path, CancellationToken cancellation = default) =>
        Utf8(WholeFile.Read(path, cancellation), path);

    /// <summary>A text from its bytes.</summary>
    /// <param name="bytes">The bytes, with or without a mark.</param>
    /// <param name="name">Name of the text in messages: the file, or the member of an archive.</param>
    /// <exception cref="InputException">The bytes are not UTF-8.</exception>
    public static string Decode(ReadOnlyMemory<byte> bytes, string name) =>
        Encoding.UTF8.GetString(Utf8(bytes, name).Span);

    /// <summary>A text as UTF-8 without a mark, checked.</summary>
    /// <param name="bytes">The bytes, with or without a mark.</param>
    /// <param name="name">Name of the text in messages.</param>
    /// <exception cref="InputException">The bytes are not UTF-8.</exception>
    public static ReadOnlyMemory<byte> Utf8(ReadOnlyMemory<byte> bytes, string name)
    {
        var (mark, encoding) = Marked.FirstOrDefault(
            marked => bytes.Span.StartsWith(marked.Mark), ([], Marked[0].Encoding));
        var text = bytes[mark.Length..];
        if (encoding is not UTF8Encoding)
            return Transcoded(text.Span, encoding, name);
        if (Utf8Faults.First(text.Span) is >= 0 and var wrong)
            throw NotUtf8(name, text.Span, wrong, mark.Length);
        if (text.Span.IndexOf((byte)0) is >= 0 and var zero)
        {
            throw Wrong(
                name, text.Span, zero, mark.Length,
                "a zero byte, which no text holds (UTF-16 without its mark has many)");
        }
        return text;
    }

    /// <summary>The error of a text that is not UTF-8.</summary>
    /// <param name="name">Name of the text in messages.</param>
    /// <param name="where">Row or byte of the error: <c>row 3</c>.</param>
    internal static InputException NotUtf8(string name, string where) =>
        new($"{name}: {where}: not UTF-8; {Remedy(name)}");

    /// <summary>
    /// Refuses the beginning of a file that is read piece by piece if its mark says that it is no UTF-8.
    /// </summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="start">The first bytes of the file.</param>
    internal static void RequireUtf8Mark(string path, ReadOnlySpan<byte> start)
    {
        foreach (var (mark, encoding) in Marked)
        {
            if (encoding is not UTF8Encoding && start.StartsWith(mark))
                throw new InputException($"{path}: it is {encoding.WebName}; {Remedy(path)}");
        }
    }

    private static InputException NotUtf8(string name, ReadOnlySpan<byte> text, int wrong, int before) =>
        Wrong(name, text, wrong, before, "not UTF-8");

    private static InputException Wrong(string name, ReadOnlySpan<byte> text, int wrong, int before, string what) =>
        new($"{name}: row {RowOf(text[..wrong])} (byte {wrong + before}): {what}; {Remedy(name)}");

    private static byte[] Transcoded(ReadOnlySpan<byte> text, Encoding encoding, string name)
    {
        try
        {
            return Encoding.UTF8.GetBytes(encoding.GetString(text));
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException(
                $"{name}: its mark says {encoding.WebName}, but its bytes are something else; {Remedy(name)}", e);
        }
    }

    private static string Remedy(string name) => name.Contains(".json", StringComparison.OrdinalIgnoreCase)
        ? "save it as UTF-8"
        : "save it as CSV UTF-8 (in an editor: encoding UTF-8)";

    // CR, LF and CRLF each end a row.
    private static int RowOf(ReadOnlySpan<byte> before)
    {
        var row = 1;
        for (var i = 0; i < before.Length; i++)
        {
            row +=
                before[i] == '\n' || (before[i] == '\r' && !(i + 1 < before.Length && before[i + 1] == '\n')) ? 1 : 0;
        }
        return row;
    }
}

/// <summary>Finds what is not UTF-8.</summary>
internal static class Utf8Faults
{
    /// <summary>Index of the first wrong byte; -1 if there is none.</summary>
    public static int First(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return -1;
        var at = 0;
        while (at < text.Length
            && Rune.DecodeFromUtf8(text[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }
        return at;
    }

    /// <summary>
    /// Same as <see cref="First"/>, for a text that continues: a character that is cut at its end is not a fault, and
    /// not counted in <paramref name="whole"/>.
    /// </summary>
    public static int FirstOfPart(ReadOnlySpan<byte> text, out int whole)
    {
        whole = text.Length;
        for (var back = 1; back <= Math.Min(3, text.Length); back++)
        {
            if (Rune.DecodeFromUtf8(text[^back..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData)
                whole = text.Length - back;
        }
        return First(text[..whole]);
    }
}
