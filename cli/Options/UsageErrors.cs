using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Flixstock.Cli;

/// <summary>One line about what is wrong with a command line, with the nearest right spelling.</summary>
internal static class UsageErrors
{
    /// <summary>
    /// The error, or null. If help is requested, options may be wrong or missing, but not the command.
    /// </summary>
    /// <param name="parsed">The parsed arguments.</param>
    /// <param name="arguments">The arguments, after <see cref="ArgumentSpelling"/>.</param>
    public static string? Find(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var command = parsed.CommandResult.Command;
        var complaint = UnknownCommand(parsed, command);
        if (complaint is null && parsed.Action is not (HelpAction or ManualPage))
            complaint = UnknownOption(command, arguments) ?? Complaint(parsed, command);
        return complaint is null ? null : $"{complaint.TrimEnd('.')} (see {PathOf(command)} --help)";
    }

    /// <summary><c>flixstock data check</c>.</summary>
    public static string PathOf(Command command) => command is RootCommand
        ? "flixstock"
        : $"{(command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? PathOf(parent) : "flixstock")} "
            + $"{command.Name}";

    /// <summary>"; did you mean 'x'?" if x is similar, otherwise empty.</summary>
    public static string DidYouMean(string given, IEnumerable<string> known)
    {
        int From(string name) =>
            IsBeginning(given, name) ? 0 : Distance(given.ToLowerInvariant(), name.ToLowerInvariant());
        var (distance, nearest) = known.Select(name => (Distance: From(name), name)).OrderBy(pair => pair.Distance)
            .FirstOrDefault();
        return nearest is not null && distance <= 1 + (given.Length / 4) ? $"; did you mean '{nearest}'?" : "";
    }

    /// <summary>
    /// "unknown command 'trian'; did you mean 'train'?"; commands further down are found by their exact name.
    /// </summary>
    public static string UnknownCommand(string name, Command parent)
    {
        static string Words(Command command) => string.Join(' ', PathOf(command).Split(' ').Skip(1));
        var given = $"{Words(parent)} {name}".Trim();
        var below = parent.Subcommands.SelectMany(sub => sub.Subcommands).FirstOrDefault(sub => sub.Name == name);
        var near = below is null
            ? DidYouMean(given, parent.Subcommands.Where(sub => !sub.Hidden).Select(Words))
            : $"; did you mean '{Words(below)}'?";
        return $"unknown command '{given}'{near}";
    }

    private static string? UnknownCommand(ParseResult parsed, Command command) =>
        command.Subcommands.Count > 0 && command.Arguments.Count == 0
        && parsed.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } name
            ? UnknownCommand(name, command)
            : null;

    // By the arguments as given: the parser takes an unknown option for a picture, or for the value of the option
    // before it.
    private static string? UnknownOption(Command command, IReadOnlyList<string> arguments)
    {
        var options = OptionGroups.OptionsOf(command).ToList();
        var known = options.SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet(StringComparer.Ordinal);
        foreach (var argument in arguments.TakeWhile(argument => argument != "--"))
        {
            var name = ArgumentSpelling.NameOf(argument);
            if (!argument.StartsWith('-') || argument.Length == 1 || IsNumber(argument) || known.Contains(name)
                || IsShortWithValue(argument, known))
            {
                continue;
            }

            var visible = options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(
                option.Name)).Where(alias => alias.StartsWith("--", StringComparison.Ordinal));
            var remedy =
                Path.Exists(argument) ? $"; for the file of that name write ./{argument}" : DidYouMean(name, visible);
            return $"unknown option '{name}'{remedy}";
        }
        return null;
    }

    private static string? Complaint(ParseResult parsed, Command command)
    {
        if (parsed.Errors.Count == 0)
            return null;
        if (parsed.UnmatchedTokens is [var unexpected, ..])
            return $"unexpected argument '{unexpected}'";
        if (command.Subcommands.Count > 0 && command.Action is null)
            return $"{PathOf(command)}: give one of {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}";
        return (parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult or ArgumentResult)
            ?? parsed.Errors[0]).Message;
    }

    private static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    // -b8
    private static bool IsShortWithValue(string argument, HashSet<string> known) =>
        argument.Length > 2 && char.IsAsciiDigit(argument[2]) && known.Contains(argument[..2]);

    private static bool IsBeginning(string given, string name) =>
        given.Length > 3 && name.StartsWith(given, StringComparison.OrdinalIgnoreCase);

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, left) = (row[0], i);
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(diagonal + (a[i - 1] == b[j - 1] ? 0 : 1), Math.Min(row[j], left) + 1);
                (diagonal, row[j], left) = (row[j], cost, cost);
            }
        }
        return row[b.Length];
    }
}
