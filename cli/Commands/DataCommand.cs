using System.CommandLine;

namespace Flixstock.Cli;

/// <summary><c>flixstock data</c>: works on data sets.</summary>
internal static class DataCommand
{
    private const string Manual = """
        Works on data sets: simulate hides labels on purpose.
        """;

    public static Command Create(Session session) =>
        new DocumentedCommand("data", "Work on data sets.", Manual, "flixstock data simulate --data scenes --type fpc --param 100 --out scenes-fpc")
        {
            DataSimulateCommand.Create(session),
        };
}
