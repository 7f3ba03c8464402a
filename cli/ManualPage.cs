using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Flixstock.Cli;

/// <summary>A command whose help goes on after the options: what it does in whole sentences, and command lines to copy.</summary>
internal sealed class DocumentedCommand(string name, string summary, string manual, params string[] examples) : Command(name, summary)
{
    public string Manual { get; } = manual;

    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>The library's help, then the manual's part.</summary>
internal sealed class ManualPage(HelpAction standard) : SynchronousCommandLineAction
{
    // Asking for help is never an error, also beside options that are wrong or missing.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        standard.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not DocumentedCommand command)
            return 0;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("About:");
        foreach (var line in command.Manual.ReplaceLineEndings("\n").Split('\n'))
            output.WriteLine($"  {line}".TrimEnd());
        output.WriteLine();
        output.WriteLine(command.Examples.Count == 1 ? "Example:" : "Examples:");
        foreach (var example in command.Examples)
            output.WriteLine($"  {example}");
        output.WriteLine();
        output.WriteLine("Exit code: 0 done, 2 something given is wrong, 1 the machine failed, 130 stopped by Ctrl-C.");
        return 0;
    }
}
