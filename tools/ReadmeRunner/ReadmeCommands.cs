using System.Text.RegularExpressions;

namespace Flixstock.ReadmeRunner;

/// <summary>The command lines that a Markdown page shows.</summary>
public static partial class ReadmeCommands
{
    /// <summary>
    /// Lines that begin with <c>flixstock</c> or <c>dotnet</c>, in code blocks that have no language or a shell's, and
    /// in inline code: in the page's order, each once. A backslash at the end of a line of a block joins it with the
    /// next one.
    /// </summary>
    /// <param name="markdown">The page.</param>
    public static IReadOnlyList<string> Find(string markdown)
    {
        var found = new List<string>();
        string? language = null;
        foreach (var line in Joined().Replace(markdown.ReplaceLineEndings("\n"), " ").Split('\n'))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                language = language is null ? line.Trim()[3..].Trim() : null;
            else if (language is "" or "sh" or "bash" or "shell" or "console")
                found.Add(Prompt().Replace(line, ""));
            else if (language is null)
                found.AddRange(Inline().Matches(line).Select(match => match.Groups[1].Value));
        }
        return [.. found.Select(line => Spaces().Replace(line.Trim(), " ")
            .Replace("\\|", "|", StringComparison.Ordinal)).Where(IsCommand).Distinct()];
    }

    private static bool IsCommand(string line) =>
        line.StartsWith("flixstock ", StringComparison.Ordinal) || line.StartsWith("dotnet ", StringComparison.Ordinal);

    [GeneratedRegex(@"\\\n\s*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Joined();

    [GeneratedRegex(@"^\s*\$ ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Prompt();

#pragma warning disable MA0023 // the group is what is wanted
    [GeneratedRegex("`([^`]+)`", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
#pragma warning restore MA0023
    private static partial Regex Inline();

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Spaces();
}
