using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// HTML or SVG, made of interpolated strings: what stands in the source is markup, and whatever is inserted is text, so
/// that a name from a file can never become a tag. Only other markup is inserted as it is.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Markup
{
    private readonly StringBuilder _text;

    /// <summary>Nothing yet.</summary>
    public Markup() => _text = new StringBuilder();

    /// <summary>For the compiler, which makes markup from an interpolated string.</summary>
    /// <param name="literalLength">Characters of the literal parts.</param>
    /// <param name="formattedCount">Number of the formatted parts.</param>
    public Markup(int literalLength, int formattedCount) =>
        _text = new StringBuilder(literalLength + (16 * formattedCount));

    /// <summary>Number of characters.</summary>
    public int Length => _text.Length;

    /// <summary>Nothing.</summary>
    public static Markup None => $"";

    /// <summary>The parts one after the other, a line each.</summary>
    public static Markup Join(IEnumerable<Markup> parts)
    {
        var all = new Markup();
        foreach (var part in parts)
            all.Add(part);
        return all;
    }

    /// <summary>Adds a line of markup.</summary>
    public Markup Add(Markup markup)
    {
        if (markup.Length == 0)
            return this;
        _text.Append(markup._text);
        if (_text[^1] != '\n')
            _text.Append('\n');
        return this;
    }

    /// <summary>Adds markup on the same line.</summary>
    public Markup With(Markup markup)
    {
        _text.Append(markup._text);
        return this;
    }

    /// <summary>Adds what this program brings along as it is: a style sheet, a script.</summary>
    public Markup AddTrusted(string resource)
    {
        _text.Append(resource);
        return this;
    }

    /// <summary>For the compiler.</summary>
    /// <param name="value">A literal part.</param>
    public void AppendLiteral(string value) => _text.Append(value);

    /// <summary>For the compiler.</summary>
    /// <param name="value">A text, which is escaped; or markup, which is not.</param>
    public void AppendFormatted<T>(T value)
    {
        if (value is Markup markup)
            _text.Append(markup._text);
        else if (value is IEnumerable<Markup> parts)
            _text.Append(Join(parts)._text);
        else
            _text.Append(Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
    }

    /// <summary>For the compiler.</summary>
    /// <param name="value">A number.</param>
    /// <param name="format">Its format.</param>
    public void AppendFormatted<T>(T value, string format) where T : IFormattable =>
        _text.Append(Escaped(value.ToString(format, CultureInfo.InvariantCulture)));

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    // A browser obeys marks of direction as a terminal does.
    private static string Escaped(string text) => HiddenCharacters.Blanked(text)
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal);
}
