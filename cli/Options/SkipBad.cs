using System.CommandLine;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// The option that says how many pictures that cannot be read may be left out, and the lines about them.
/// </summary>
internal static class SkipBad
{
    private const int MostTold = 20;

    /// <summary>The option; without a number there is no limit.</summary>
    public static Option<int?> Option(
        string description = "Leave out up to n pictures that cannot be read; without n any number.")
    {
        var option = Options.OptionalInteger("--skip-bad", description, 0);
        var parse = option.CustomParser!;
        option.Arity = ArgumentArity.ZeroOrOne;
        option.CustomParser = result => result.Tokens.Count == 0 ? int.MaxValue : parse(result);
        return option;
    }

    /// <summary>Options of loading pictures for scoring, if some may be left out.</summary>
    public static BatchLoaderOptions With(this BatchLoaderOptions options, int? most) =>
        options with { Bad = new BadPictures(most ?? 0) };

    /// <summary>Names pictures that were left out.</summary>
    public static void Tell(Session session, IReadOnlyList<BadPicture> bad)
    {
        session.Terminal.EndLine();
        foreach (var one in bad.Take(MostTold))
            session.Terminal.Line(Terminal.OneLine($"left out: {one}"));
        if (bad.Count > MostTold)
            session.Terminal.Line($"left out: {bad.Count - MostTold} more pictures that cannot be read");
    }
}
