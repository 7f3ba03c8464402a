namespace Flixstock.Cli;

/// <summary>Accepts the reference project's spellings: underscores in option names.</summary>
internal static class Spelling
{
    /// <summary><c>--gamma_pos</c> and <c>--gamma_pos=1</c> become <c>--gamma-pos</c>; values stay as they are.</summary>
    public static string[] Normalize(string[] args) => Array.ConvertAll(args, Normalize);

    private static string Normalize(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return argument;
        var end = argument.IndexOfAny(['=', ':']);
        var name = end < 0 ? argument : argument[..end];
        return name.Replace('_', '-') + argument[name.Length..];
    }
}
