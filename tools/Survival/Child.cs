using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Flixstock.Survival;

/// <summary>A command that runs.</summary>
internal sealed partial class Child : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    private Child(Process process)
    {
        _process = process;
        process.StandardInput.Close();
        (_output, _errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its file, or a name to look up in PATH.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="environment">What is added to this process' environment.</param>
    public static Child Start(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new Child(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    public int Id => _process.Id;

    public bool Ended => _process.HasExited;

    /// <summary>Sends a signal; nothing where the process has ended.</summary>
    public void Signal(int number)
    {
        if (!_process.HasExited)
            _ = Send(_process.Id, number);
    }

    /// <summary>Waits for the end, at most for a while; then the process is killed.</summary>
    public async Task<Outcome> Wait(TimeSpan limit)
    {
        using var ending = new CancellationTokenSource(limit);
        var hung = false;
        try
        {
            await _process.WaitForExitAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            hung = true;
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
        return new Outcome(hung ? Outcome.Hung : _process.ExitCode, await _output, await _errors);
    }

    public void Dispose() => _process.Dispose();

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
