using System.Text.Json;

namespace Flixstock.ReadmeRunner;

/// <summary>
/// One step of the list: a line of the README and what is run for it, or a preparation that no line shows.
/// </summary>
public sealed record ListedCommand
{
    /// <summary>The line as the README has it; null for a preparation.</summary>
    public string? Readme { get; init; }

    /// <summary>What is run instead; null: the line itself. Empty: nothing, because something else runs it.</summary>
    public string? Run { get; init; }

    /// <summary>Why something else is run; required wherever <see cref="Run"/> is given.</summary>
    public string? Why { get; init; }

    /// <summary>What is handed to the shell; empty: nothing.</summary>
    public string Shell => Run ?? Readme ?? "";
}

/// <summary>The list that says for every command line of the README how the gate runs it.</summary>
public static class CommandList
{
    private static readonly JsonSerializerOptions Reading =
        new(JsonSerializerDefaults.Web) { ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads the list.</summary>
    public static IReadOnlyList<ListedCommand> Parse(string json) =>
        JsonSerializer.Deserialize<List<ListedCommand>>(json, Reading) ?? [];

    /// <summary>What is wrong between a page and its list; empty: nothing.</summary>
    /// <param name="shown">The page's command lines.</param>
    /// <param name="listed">The list.</param>
    public static IEnumerable<string> Faults(IReadOnlyList<string> shown, IReadOnlyList<ListedCommand> listed)
    {
        foreach (var line in shown.Where(line => listed.All(entry => entry.Readme != line)))
            yield return $"the README shows '{line}', which the list does not name: add it with what to run for it";
        foreach (var entry in listed.Where(entry => entry.Readme is { } line && !shown.Contains(line)))
            yield return $"the list names '{entry.Readme}', which the README does not show: remove it";
        foreach (var entry in listed.Where(entry => entry.Run is not null && string.IsNullOrWhiteSpace(entry.Why)))
            yield return $"'{entry.Readme ?? entry.Run}' is replaced by something else and has no reason: add \"why\"";
        foreach (var twice in listed.Where(entry => entry.Readme is not null).GroupBy(entry => entry.Readme)
            .Where(group => group.Count() > 1))
        {
            yield return $"the list names '{twice.Key}' {twice.Count()} times: keep one";
        }
    }
}
