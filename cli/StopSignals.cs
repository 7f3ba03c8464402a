using System.Globalization;
using System.Runtime.InteropServices;

namespace Flixstock.Cli;

/// <summary>
/// Signals that ask the work to stop at a good place: Ctrl-C, SIGTERM, and SIGHUP when a terminal closes. A second one
/// ends the process at once. One that was ignored when the process began stays ignored: that is how nohup works.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private const int SignalBase = 128;

    // POSIX fixes these three numbers in practice: 1, 2 and 15 on every Unix.
    private static readonly (PosixSignal Signal, int Number)[] Known =
    [
        (PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGTERM, 15),
    ];

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _first;

    /// <summary>Listens from now on.</summary>
    public StopSignals()
    {
        var ignored = Ignored();
        foreach (var (signal, number) in Known.Where(known => (ignored & (1UL << (known.Number - 1))) == 0))
            _registrations.Add(PosixSignalRegistration.Create(signal, context => Stop(context, number)));
    }

    /// <summary>Set by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code of a command that was stopped: 128 and the signal's number, as shells have it.</summary>
    /// <param name="code">What the command returned.</param>
    public int ExitCode(int code) => code == CommandLine.Stopped && _first != 0 ? SignalBase + _first : code;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal, int number)
    {
        signal.Cancel = Interlocked.CompareExchange(ref _first, number, 0) == 0;
        _stop.Cancel();
    }

    // Linux reports it; elsewhere none is taken as ignored.
    private static ulong Ignored()
    {
        const string Status = "/proc/self/status", Field = "SigIgn:";
        if (!File.Exists(Status))
            return 0;
        var line = File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        return ulong.TryParse(
            line?[Field.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask)
            ? mask
            : 0;
    }
}
