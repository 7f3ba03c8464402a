using System.Diagnostics;

namespace Flixstock.ReadmeRunner;

/// <summary>Runs one command line by the shell, in a folder.</summary>
/// <param name="folder">The folder.</param>
/// <param name="environment">What is added to this process' environment.</param>
public sealed class ShellRun(string folder, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>Waits for the end.</summary>
    /// <param name="line">For bash.</param>
    /// <param name="limit">After this time the command is ended.</param>
    /// <returns>Exit code (124: ended by the limit), and what it wrote.</returns>
    public async Task<(int Code, string Output)> Run(string line, TimeSpan limit)
    {
        var start = new ProcessStartInfo("bash", ["-c", line + " 2>&1"])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("bash did not start");
        process.StandardInput.Close();
        var reading = process.StandardOutput.ReadToEndAsync();
        using var ending = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(ending.Token).ConfigureAwait(false);
            return (process.ExitCode, await reading.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (124, await reading.ConfigureAwait(false));
        }
    }
}
