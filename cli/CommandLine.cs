using System.CommandLine;
using System.CommandLine.Help;
using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>
/// The command <c>flixstock</c>: arguments in, exit code out. 0 done; 2 something the user gave is wrong; 1 the machine
/// or a run failed; 130 stopped by Ctrl-C (143 by SIGTERM, 129 by a terminal that closed). Every failure is one line on
/// the error writer; a stack trace follows only with <c>--verbose</c>.
/// </summary>
public static class CommandLine
{
    /// <summary>Exit codes.</summary>
    public const int Done = 0, MachineFailed = 1, WrongInput = 2, Stopped = 130;

    private const string Verbose = "--verbose", Quiet = "--quiet", RawCsv = "--raw-csv";

    private const string About =
        "Learns garment attributes from pictures whose labels are partly unknown: TResNet trained with the class-aware "
        + "selective loss, from scratch in C#. Start with: flixstock demo";

    /// <summary>Runs one command.</summary>
    /// <param name="arguments">The arguments from the shell.</param>
    /// <param name="output">Receives results and progress.</param>
    /// <param name="error">Receives the one line of a failure.</param>
    /// <param name="cancellation">Cancelled by Ctrl-C.</param>
    public static int Run(
        string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default) =>
        Run(arguments, output, error, Backend.OpenCuda, cancellation: cancellation);

    /// <summary>
    /// Same as <see cref="Run(string[], TextWriter, TextWriter, CancellationToken)"/>, with substitutes for the GPU,
    /// the current folder or the terminal.
    /// </summary>
    internal static int Run(
        string[] arguments, TextWriter output, TextWriter error, CudaOpener openCuda, string folder = "",
        Terminal? terminal = null, CancellationToken cancellation = default)
    {
        using var session = new Session(
            terminal ?? new Terminal(output), error, openCuda, new DefaultPlaces(folder), cancellation);
        var root = CreateRoot(session);
        var (parsed, spelled) = ArgumentSpelling.Parse(root, arguments switch
        {
            [] => ["--help"],
            ["version"] => ["--version"],
            _ => arguments,
        });
        if (UsageErrors.Find(parsed, spelled) is { } wrong)
            return Fail(error, wrong, WrongInput);
        bool IsGiven(string flag) =>
            parsed.GetResult(root.Options.Single(option => option.Name == flag)) is { Implicit: false };
        var showTrace = session.Verbose = IsGiven(Verbose);
        session.Terminal.Quiet = IsGiven(Quiet);
        using var cells = CsvCell.WriteRaw(IsGiven(RawCsv));
        foreach (var note in ReferenceOptions.Notes(parsed))
            session.Note(note);
        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = output,
                Error = error,
            });
        }
#pragma warning disable CA1031 // the last place: every failure becomes one line and an exit code here
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Report(Cause(e), error, showTrace, session, parsed.CommandResult.Command);
        }
    }

    /// <summary>All commands with their options.</summary>
    internal static RootCommand CreateRoot(Session session)
    {
        var root = new RootCommand(About)
        {
            DemoCommand.Create(session),
            SynthCommand.Create(session),
            SplitCommand.Create(session),
            DataCommand.Create(session),
            TrainCommand.Create(session),
            LrFindCommand.Create(session),
            ValidateCommand.Create(session),
            InferCommand.Create(session),
            PriorCommand.Create(session),
            ThresholdsCommand.Create(session),
            ReviewCommand.Create(session),
            ReportCommand.Create(session),
            WatchCommand.Create(session),
            DoctorCommand.Create(session),
            ExperimentCommand.Create(session),
            ProfileCommand.Create(session),
            BenchCommand.Create(session),
            ExportCommand.Create(session),
            WeightsCommand.Create(session),
            HelpCommand.Create(session),
        };
        root.Add(new Option<bool>(Verbose)
        {
            Description = "Show the stack trace of a failure, and hidden files that were passed over.",
            Recursive = true,
        });
        root.Add(new Option<bool>(Quiet, "-q")
        {
            Description = "Print results and errors only: no progress, no notes.",
            Recursive = true,
        });
        root.Add(new Option<bool>(RawCsv)
        {
            Description = "Write texts into CSV files as they are, also such as a spreadsheet takes for a formula.",
            Recursive = true,
        });
        ReferenceOptions.AddTo(root);
        foreach (var option in root.Options)
        {
            if (option is HelpOption help)
                (help.Action, help.Description) = (new ManualPage(session.Terminal), "Show this page.");
            else if (option is VersionOption version)
                version.Description = "Show the version.";
        }
        return root;
    }

    // Of what several threads met at once, the one to act on.
    private static Exception Cause(Exception e) => e is not AggregateException several
        ? e
        : several.Flatten().InnerExceptions.OrderBy(
            one => one switch { InputException => 0, EngineException => 1, OperationCanceledException => 3, _ => 2 })
            .First();

    private static int Report(Exception e, TextWriter error, bool showTrace, Session session, Command command)
    {
        session.Terminal.EndLine();
        var code = e switch
        {
            OperationCanceledException => Fail(error, Stop(session), Stopped, prefix: ""),
            InputException => Fail(error, Advice.Of(e, command), WrongInput),
            EngineException or IOException or UnauthorizedAccessException or OutOfMemoryException =>
                Fail(error, Advice.Of(e, command), MachineFailed),
            _ when NativeLibraryCheck.Explain(e) is { } missing => Fail(error, missing, MachineFailed),
            _ => Fail(
                error,
                $"a fault of this program, {e.GetType().Name}: {e.Message} (--verbose shows where)", MachineFailed),
        };
        if (showTrace)
            error.WriteLine(Terminal.Lines(e.ToString()));
        return code;
    }

    private static string Stop(Session session) => session.Continuation?.Invoke() switch
    {
        null => "stopped",
        Session.SameCommand => "stopped before anything was saved; the same command begins again",
        var line => $"stopped; continue with: {line}",
    };

    private static int Fail(TextWriter error, string message, int code, string prefix = "error: ")
    {
        Terminal.Write(error, prefix + Terminal.OneLine(message));
        return code;
    }
}
