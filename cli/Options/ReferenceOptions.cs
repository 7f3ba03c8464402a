using System.CommandLine;
using System.CommandLine.Parsing;

namespace Flixstock.Cli;

/// <summary>
/// The names and short forms that the reference projects' command lines have for our options, and those of their
/// options that have no meaning
/// here. All of them are accepted; the help does not list them, docs/reference-commands.md does.
/// </summary>
internal static class ReferenceOptions
{
    private static readonly Dictionary<string, string[]> OtherNames = new()
    {
        ["--weights"] = ["--model-path"],
        ["--image-size"] = ["--input-size"],
        ["--size"] = ["--image-size", "--input-size"],
        ["--batch-size"] = ["-b"],
        ["--workers"] = ["-j"],
        ["--all-val"] = ["--all-val-inference"],
        ["--version"] = ["-v"],
        ["--th"] = ["--threshold"],
        ["--thre"] = ["--threshold"],
    };

    private static readonly IgnoredOption[] Ignored =
    [
        new(["--metadata"], "labels and the names of classes are read from the data set itself (--data)", "train"),
        new(["--debug-mode"], "there is one way to train", "train"),
        new(["--print-freq", "--printfreq", "-p"], "progress is shown by time, not by step",
            "train", "validate", "infer", "prior", "thresholds", "review"),
        new(["--workers", "-j"], "pictures are read by all threads", "infer"),
    ];

    /// <summary>Adds the other names and the ignored options to a command and to those below it.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in command.Options)
        {
            foreach (var alias in OtherNames.GetValueOrDefault(option.Name, [])
                .Where(alias => !command.Options.Any(other => other.Aliases.Contains(alias))))
            {
                option.Aliases.Add(alias);
            }
        }
        foreach (var ignored in Ignored.Where(ignored => ignored.Commands.Contains(command.Name)))
            command.Add(new Option<string>(ignored.Names[0], ignored.Names[1..]) { Hidden = true });
        foreach (var sub in command.Subcommands)
            AddTo(sub);
    }

    /// <summary>A line for each option given that means nothing here: which, and why.</summary>
    public static IEnumerable<string> Notes(ParseResult parsed) =>
        from given in parsed.CommandResult.Children.OfType<OptionResult>()
        let ignored = Ignored.FirstOrDefault(ignored => ignored.Names[0] == given.Option.Name)
        where ignored is not null && given is { Implicit: false, Option.Hidden: true }
        select $"{given.IdentifierToken?.Value} is ignored: {ignored.Why}";

    private sealed record IgnoredOption(string[] Names, string Why, params string[] Commands);
}
