using System.Diagnostics;

namespace Flixstock.Tests;

/// <summary>
/// Runs some of these tests again in a process of its own, where a machine's properties are different.
/// </summary>
internal static class OwnTests
{
    /// <summary>The command line that starts this program again.</summary>
    public static string[] Program
    {
        get
        {
            var program = Environment.ProcessPath!;
            return Path.GetFileNameWithoutExtension(program) == "dotnet"
                ? [program, typeof(OwnTests).Assembly.Location]
                : [program];
        }
    }

    /// <summary>Runs the tests that <paramref name="filter"/> selects.</summary>
    /// <param name="filter">As on the command line: <c>FullyQualifiedName~Name</c>.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="launcher">A program that starts another one, with its arguments; none starts ours directly.</param>
    public static (int Code, string Output) Run(
        string filter, (string Name, string Value)[] environment, params string[] launcher)
    {
        var results = Directory.CreateTempSubdirectory("flixstock-tests-").FullName;
        try
        {
            return Start([.. launcher, .. Program, "--filter", filter, "--results-directory", results], environment);
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }
    }

    /// <summary>Runs any command; exit code 127 if there is no such program.</summary>
    public static (int Code, string Output) Start(string[] command, params (string Name, string Value)[] environment)
    {
        try
        {
            var start = new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (127, $"there is no {command[0]}");
        }
    }
}
