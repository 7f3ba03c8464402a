using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;

namespace Flixstock.Cli;

/// <summary>
/// A command whose help says more than its options: what it does in whole sentences, and command lines to copy.
/// </summary>
internal sealed class DocumentedCommand(string name, string summary, string manual, params string[] examples)
    : Command(name, summary)
{
    public string Manual { get; } = manual;

    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>
/// A command's help: usage, its options by what they are about, the manual's text and examples, as wide as the
/// terminal.
/// </summary>
internal sealed class ManualPage(Terminal terminal) : SynchronousCommandLineAction
{
    private const int Widest = 120;

    // Asking for help is never an error, even next to options that are wrong or missing.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Print(parseResult.CommandResult.Command, terminal);
        return CommandLine.Done;
    }

    public static void Print(Command command, Terminal terminal)
    {
        foreach (var line in Lines(command, Math.Min(terminal.Width, Widest)))
            terminal.Line(line);
    }

    /// <summary>The page, no line of which is wider than asked for.</summary>
    public static IEnumerable<string> Lines(Command command, int width)
    {
        IEnumerable<string> lines =
        [
            .. TextLayout.Paragraphs(command.Description ?? "", width), "",
            "Usage:", .. TextLayout.Wrap(Usage(command), width, "  ", "      "),
        ];
        var arguments = command.Arguments.Where(argument => !argument.Hidden)
            .Select(argument => (Placeholder(argument), argument.Description ?? "")).ToList();
        if (arguments.Count > 0)
            lines = [.. lines, "", "Arguments:", .. TextLayout.Columns(arguments, width)];
        var commands = command.Subcommands.Where(sub => !sub.Hidden)
            .Select(sub => (sub.Name, sub.Description ?? "")).ToList();
        if (commands.Count > 0)
            lines = [.. lines, "", "Commands:", .. TextLayout.Columns(commands, width)];
        lines = [.. lines, .. OptionGroups.Of(command).SelectMany(group => Section(group, width))];
        return command is DocumentedCommand documented ? [.. lines, .. About(documented, width)] : lines;
    }

    /// <summary>A default as a person writes it: 0.7 even for a single-precision 0.7.</summary>
    public static string? DefaultOf(Option option)
    {
        if (option is HelpOption or VersionOption || option.ValueType == typeof(bool) || !option.HasDefaultValue)
            return null;
        return option.GetDefaultValue() switch
        {
            null => null,
            double number => Number(number),
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };
    }

    private static IEnumerable<string> Section((string Title, IReadOnlyList<Option> Options) group, int width) =>
        ["", $"{group.Title}:", .. TextLayout.Columns(
            [.. group.Options.Select(option => (Label(option), Described(option)))], width)];

    private static IEnumerable<string> About(DocumentedCommand command, int width) =>
    [
        "", "About:", .. TextLayout.Paragraphs(command.Manual, width, "  "),
        "", command.Examples.Count == 1 ? "Example:" : "Examples:",
        .. command.Examples.SelectMany(example => TextLayout.CommandLine(example, width)),
        "",
        .. TextLayout.Wrap(
            "Exit code: 0 done, 2 something given is wrong, 1 the machine failed, 130 stopped by Ctrl-C, 143 by "
                + "SIGTERM, 129 by a closed terminal.",
            width),
    ];

    private static string Usage(Command command) => string.Join(' ', new[] { UsageErrors.PathOf(command) }
        .Concat(command.Subcommands.Count > 0
            ? [command.Action is null ? "COMMAND" : "[COMMAND]"]
            : command.Arguments.Where(argument => !argument.Hidden).Select(Placeholder)).Append("[options]"));

    private static string Placeholder(Argument argument)
    {
        var name = argument.Name.ToUpperInvariant() + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    // -b, --batch-size N: other long names are for command lines from elsewhere.
    private static string Label(Option option)
    {
        var shortName = option.Aliases.FirstOrDefault(alias => alias is ['-', not ('-' or '?')]);
        var value = option.ValueType == typeof(bool) || option is HelpOption or VersionOption
            ? ""
            : $" {(option.HelpName ?? "value").ToUpperInvariant()}";
        return $"{(shortName is null ? "" : $"{shortName}, ")}{option.Name}{value}";
    }

    private static string Described(Option option) =>
        (option.Description ?? "")
        + (option.Required ? " Required." : DefaultOf(option) is { Length: > 0 } value ? $" [default: {value}]" : "");

    private static string Number(double value) =>
        (float)value == value
            ? ((float)value).ToString("G7", CultureInfo.InvariantCulture)
            : value.ToString("G15", CultureInfo.InvariantCulture);
}
