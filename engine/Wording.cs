using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// The text of an error or a note. It names parameters and types as a .NET developer knows them, and keeps the places
/// of these names, so
/// that a program can say the same with its own names: a command with those of its options.
/// </summary>
/// <remarks>Threads: any number, once it is written.</remarks>
[InterpolatedStringHandler]
public sealed class Wording : IEquatable<Wording>
{
    private readonly StringBuilder _text;
    private readonly List<(int Start, int Length, string Name, string? Value)> _names = [];

    /// <summary>For the compiler, which makes a wording from an interpolated string.</summary>
    /// <param name="literalLength">Characters of the literal parts.</param>
    /// <param name="formattedCount">Number of the formatted parts.</param>
    public Wording(int literalLength, int formattedCount) =>
        _text = new StringBuilder(literalLength + (16 * formattedCount));

    /// <summary>
    /// The name that the text begins with: of the parameter that is wrong. Null: it begins with something else.
    /// </summary>
    public string? Subject => _names is [{ Start: 0, Name: var name }, ..] ? name : null;

    /// <summary>A text that names nothing.</summary>
    /// <param name="text">The text; null gives null.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator Wording?(string? text)
    {
        if (text is null)
            return null;
        var wording = new Wording(text.Length, 0);
        wording.AppendLiteral(text);
        return wording;
    }

    /// <summary>The same text with other names.</summary>
    /// <param name="words">Maps a name, and the value that is given for it or null, to the words that replace
    /// it.</param>
    public string In(Func<string, string?, string> words)
    {
        var (result, done) = (new StringBuilder(_text.Length), 0);
        foreach (var (start, length, name, value) in _names)
        {
            result.Append(_text, done, start - done).Append(words(name, value));
            done = start + length;
        }
        return result.Append(_text, done, _text.Length - done).ToString();
    }

    /// <summary>The text with the names that a .NET developer knows.</summary>
    public override string ToString() => _text.ToString();

    /// <inheritdoc />
    public bool Equals(Wording? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Wording);

    /// <inheritdoc />
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>For the compiler.</summary>
    /// <param name="value">A literal part.</param>
    public void AppendLiteral(string value) => _text.Append(value);

    /// <summary>For the compiler.</summary>
    /// <param name="value">A value that is inserted as its own text.</param>
    public void AppendFormatted<T>(T value) => _text.Append(value);

    /// <summary>For the compiler.</summary>
    /// <param name="value">A value that is inserted.</param>
    /// <param name="format">Its format.</param>
    public void AppendFormatted<T>(T value, string format) where T : IFormattable =>
        _text.Append(value.ToString(format, null));

    /// <summary>For the compiler.</summary>
    /// <param name="value">A part that may name something.</param>
    public void AppendFormatted(Wording? value)
    {
        if (value is null)
            return;
        var start = _text.Length;
        _names.AddRange(value._names.Select(name => name with { Start = start + name.Start }));
        _text.Append(value._text);
    }

    /// <summary>For the compiler.</summary>
    internal void AppendFormatted(Term term)
    {
        var start = _text.Length;
        _text.Append(term.ToString());
        _names.Add((start, _text.Length - start, term.Name, term.Value));
    }
}
