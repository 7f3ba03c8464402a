using System.CommandLine;

namespace Flixstock.Cli;

/// <summary>Command lines to copy: what continues a work that was stopped.</summary>
internal static class Continuation
{
    /// <summary>A command line that repeats the given ones of some options.</summary>
    /// <param name="parsed">The command line that was given.</param>
    /// <param name="start">The beginning, such as <c>train --out run --resume</c>; words are quoted if a shell needs
    /// it.</param>
    /// <param name="options">Options to repeat if they were given.</param>
    public static string Of(ParseResult parsed, IEnumerable<string> start, IEnumerable<Option> options)
    {
        var given = options.Select(option => (option, Result: parsed.GetResult(option)))
            .Where(entry => entry.Result is { Implicit: false });
        return Line([.. start, .. given.SelectMany(
            entry => entry.Result!.Tokens.Select(token => token.Value).Prepend(entry.option.Name))]);
    }

    /// <summary>The command line as it was given.</summary>
    public static string Same(ParseResult parsed) => Line(parsed.Tokens.Select(token => token.Value));

    private static string Line(IEnumerable<string> words) =>
        string.Join(' ', words.Select(Quoted).Prepend("flixstock"));

    // A POSIX shell takes everything between single quotes as it is.
    private static string Quoted(string word) => word.Length > 0
        && word.All(c => char.IsLetterOrDigit(c) || "-_./,:=+@%".Contains(c, StringComparison.Ordinal))
        ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
