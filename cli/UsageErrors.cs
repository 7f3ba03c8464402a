using System.CommandLine;
using System.CommandLine.Parsing;

namespace Flixstock.Cli;

/// <summary>One line about what is wrong with a command line, with the nearest right spelling.</summary>
internal static class UsageErrors
{
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = command is RootCommand ? "flixstock" : $"flixstock {command.Name}";
        var unknown = parsed.UnmatchedTokens.OrderBy(token => token.StartsWith('-') ? 0 : 1).FirstOrDefault();
        var complaint = parsed.Errors.FirstOrDefault(error => error.SymbolResult is OptionResult or ArgumentResult);
        var message = unknown is null
            ? complaint?.Message ?? parsed.Errors[0].Message
            : Unknown(unknown, command);
        return $"{message.TrimEnd('.')} (see {path} --help)";
    }

    /// <summary>", did you mean 'x'?" where x is near, else nothing.</summary>
    public static string DidYouMean(string given, IEnumerable<string> known)
    {
        var nearest = known.Select(name => (name, Distance(given, name))).OrderBy(pair => pair.Item2).FirstOrDefault();
        return nearest.name is not null && nearest.Item2 <= 1 + (given.Length / 4) ? $"; did you mean '{nearest.name}'?" : "";
    }

    private static string Unknown(string token, Command command)
    {
        var isOption = token.StartsWith('-');
        var name = isOption ? token.Split('=', ':')[0] : token;
        var known = isOption
            ? command.Options.Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(option => option.Recursive)))
                .Where(option => !option.Hidden).Select(option => option.Name)
            : command.Subcommands.Select(sub => sub.Name);
        var what = isOption ? "unknown option" : command is RootCommand ? "unknown command" : "unexpected argument";
        return $"{what} '{name}'{DidYouMean(name, known)}";
    }

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
