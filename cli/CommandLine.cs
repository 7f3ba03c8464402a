using System.CommandLine;
using System.CommandLine.Invocation;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>The program: parses, runs a command, and turns every failure into one line and an exit code.</summary>
public static class CommandLine
{
    private const int Usage = 2, Failure = 1, Cancelled = 130;

    /// <summary>Runs one command line.</summary>
    /// <returns>0; 2 for wrong input or usage, 1 for failures of the machine, 130 when cancelled.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var verbose = new Option<bool>("--verbose") { Description = "show the stack trace of a failure", Recursive = true };
        var root = new RootCommand("Trains and runs TResNet on pictures whose labels are partly unknown.\n\nExample:\n  flixstock demo")
        {
            verbose,
            DemoCommand.Create(output),
            SynthCommand.Create(output),
            SplitCommand.Create(output),
            TrainCommand.Create(output),
            ValidateCommand.Create(output),
            InferCommand.Create(output),
        };
        var parsed = root.Parse(args.Length == 0 ? ["--help"] : Spelling.Normalize(args));
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            var unknown = parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is not a command or option here; see --help" : null;
            error.WriteLine("error: " + (unknown ?? OneLine(parsed.Errors[0].Message)));
            return Usage;
        }
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (Exception e) when (e is InputException or EngineException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            if (e is OperationCanceledException)
                error.WriteLine("stopped; the run's state is saved, go on with --resume");
            else
                error.WriteLine("error: " + OneLine(e.Message));
            if (parsed.GetValue(verbose))
                error.WriteLine(e);
            return e switch { InputException => Usage, OperationCanceledException => Cancelled, _ => Failure };
        }
    }

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
