namespace Flixstock.Cli;

/// <summary>Brings the reference project's spellings of options to ours, so that its command lines work.</summary>
internal static class ArgumentSpelling
{
    /// <summary><c>--Gamma_pos=0</c> becomes <c>--gamma-pos=0</c>; values, file names and everything after <c>--</c> stay as they are.</summary>
    public static string[] Normalize(string[] arguments)
    {
        var end = Array.IndexOf(arguments, "--");
        return [.. arguments.Select((argument, index) => end >= 0 && index >= end ? argument : Normalize(argument))];
    }

    private static string Normalize(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var value = argument.AsSpan().IndexOfAny('=', ':');
        var name = value < 0 ? argument : argument[..value];
        return name.Replace('_', '-').ToLowerInvariant() + argument[name.Length..];
    }
}
