using System.CommandLine;
using System.CommandLine.Parsing;

namespace Flixstock.Cli;

/// <summary>Brings the reference projects' spellings of options to ours, so that their command lines work.</summary>
internal static class ArgumentSpelling
{
    /// <summary>
    /// <c>--Gamma_pos=0</c> becomes <c>--gamma-pos=0</c>; values, file names and everything after <c>--</c> stay as
    /// they are.
    /// </summary>
    public static string[] Normalize(string[] arguments)
    {
        var end = Array.IndexOf(arguments, "--");
        return [.. arguments.Select((argument, index) => end >= 0 && index >= end ? argument : Normalize(argument))];
    }

    /// <summary>Parses arguments in any accepted spelling.</summary>
    /// <param name="command">The command that they belong to.</param>
    /// <param name="arguments">The arguments from the shell.</param>
    /// <returns>What was parsed, and the arguments as they were read.</returns>
    public static (ParseResult Parsed, string[] Arguments) Parse(Command command, string[] arguments)
    {
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        arguments = Normalize(arguments);
        var parsed = command.Parse(arguments, configuration);
        var given = WithoutNone(arguments, parsed.CommandResult);
        return given.Length == arguments.Length ? (parsed, arguments) : (command.Parse(given, configuration), given);
    }

    /// <summary>The option's name alone: <c>--gamma-pos</c> of <c>--gamma-pos=0</c>.</summary>
    public static string NameOf(string option) =>
        option.AsSpan().IndexOfAny('=', ':') is var value and > 0 ? option[..value] : option;

    // Leaves out every nullable option whose value is "none".
    private static string[] WithoutNone(string[] arguments, CommandResult command)
    {
        var names = command.Command.Options.Where(option => option is INullableOption)
            .SelectMany(option => option.Aliases.Append(option.Name)).ToHashSet();
        var end = Array.IndexOf(arguments, "--") is >= 0 and var mark ? mark : arguments.Length;
        var kept = new List<string>(arguments.Length);
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = NameOf(arguments[i]);
            var nullable = i < end && names.Contains(name);
            if (nullable && name.Length == arguments[i].Length && i + 1 < end && IsNone(arguments[i + 1]))
                i++;
            else if (!nullable || !IsNone(arguments[i].AsSpan(Math.Min(name.Length + 1, arguments[i].Length))))
                kept.Add(arguments[i]);
        }
        return [.. kept];
    }

    private static bool IsNone(ReadOnlySpan<char> value) => value.Equals("none", StringComparison.OrdinalIgnoreCase);

    private static string Normalize(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var name = NameOf(argument);
        return name.Replace('_', '-').ToLowerInvariant() + argument[name.Length..];
    }
}
