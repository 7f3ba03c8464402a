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

    /// <summary>The option's name alone: <c>--gamma-pos</c> of <c>--gamma-pos=0</c>.</summary>
    public static string NameOf(string option) =>
        option.AsSpan().IndexOfAny('=', ':') is var value and > 0 ? option[..value] : option;

    private static string Normalize(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var name = NameOf(argument);
        return name.Replace('_', '-').ToLowerInvariant() + argument[name.Length..];
    }
}
