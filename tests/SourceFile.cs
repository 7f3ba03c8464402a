using System.Text;

namespace Flixstock.Tests;

/// <summary>A source file.</summary>
/// <param name="Folder">Where it lies below the searched folder, with <c>/</c> between names; "" for its root.</param>
/// <param name="Name">The file's name.</param>
/// <param name="Text">C#, formatted as this repository formats it.</param>
internal sealed record SourceFile(string Folder, string Name, string Text)
{
    /// <summary>The text without comments and strings; the code in their holes stays.</summary>
    public string Code { get; } = SourceText.Code(Text);

    /// <summary>The C# files of a folder and of all folders below it, without what a build makes.</summary>
    public static IReadOnlyList<SourceFile> Below(string root) =>
    [
        .. Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => Read(Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllText(path)))
            .Where(file => file.Folder.Split('/')[0] is not ("obj" or "bin")),
    ];

    private static SourceFile Read(string path, string text) =>
        new(path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "", Path.GetFileName(path), text);
}

/// <summary>Takes comments and strings out of C#.</summary>
internal sealed class SourceText
{
    private readonly string _text;
    private readonly StringBuilder _code = new();

    private SourceText(string text) => _text = text;

    /// <summary>The code alone: a string becomes <c>""</c>, each of its holes the code in parentheses.</summary>
    public static string Code(string text)
    {
        var source = new SourceText(text);
        source.CopyCode(0);
        return source._code.ToString();
    }

    // Until the file ends, or the hole of a string that it began in; returns the place of the hole's last brace.
    private int CopyCode(int at)
    {
        for (var depth = 0; at < _text.Length; at++)
        {
            if (Starts(at, "//"))
                at = Find("\n", at) - 1;
            else if (Starts(at, "/*"))
                at = Find("*/", at) + 1;
            else if (_text[at] == '\'')
                at = Find("'", _text[at + 1] == '\\' ? at + 3 : at + 2);
            else if (_text.AsSpan(at).TrimStart("$@") is ['"', ..])
                at = SkipString(at);
            else if (_text[at] == '}' && depth-- == 0)
                return at;
            else
                depth += Copy(_text[at]) == '{' ? 1 : 0;
        }
        return at;
    }

    private char Copy(char c)
    {
        _code.Append(c);
        return c;
    }

    // Returns the place of the last quotation mark.
    private int SkipString(int at)
    {
        var quote = _text.IndexOf('"', at);
        var prefix = _text.AsSpan(at, quote - at);
        var (dollars, verbatim) = (prefix.Count('$'), prefix.Contains('@'));
        var quotes = Run('"', quote);
        _code.Append("\"\"");
        if (quotes == 2)
            return quote + 1;
        quotes = verbatim ? 1 : quotes;
        at = quote + quotes;
        for (int run; at < _text.Length && ((run = Run('"', at)) < quotes || (verbatim && run > 1));)
            at = run > 0 ? at + Math.Max(1, run - run % 2) : SkipPiece(at, dollars, quotes, verbatim);
        return at + quotes - 1;
    }

    // A hole, or one character with what makes it literal.
    private int SkipPiece(int at, int dollars, int quotes, bool verbatim)
    {
        var braces = dollars > 0 ? Run('{', at) : 0;
        if (braces > 0 && (quotes > 1 ? braces >= dollars : braces % 2 > 0))
            return CopyHole(at + braces, dollars);
        return at + (quotes == 1 && !verbatim && _text[at] == '\\' ? 2 : Math.Max(1, braces));
    }

    private int CopyHole(int at, int braces)
    {
        _code.Append('(');
        at = CopyCode(at);
        _code.Append(')');
        return at + braces;
    }

    private bool Starts(int at, string with) => string.CompareOrdinal(_text, at, with, 0, with.Length) == 0;

    private int Find(string what, int from) =>
        _text.IndexOf(what, from, StringComparison.Ordinal) is >= 0 and var at ? at : _text.Length;

    private int Run(char c, int from)
    {
        var end = from;
        while (end < _text.Length && _text[end] == c)
            end++;
        return end - from;
    }
}
