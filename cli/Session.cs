using Flixstock.Engine;

namespace Flixstock.Cli;

/// <summary>What every command is given: where to print, when to stop, and which device to compute on.</summary>
/// <param name="terminal">The look of everything printed.</param>
/// <param name="cancellation">Set by Ctrl-C.</param>
internal sealed class Session(Terminal terminal, CancellationToken cancellation) : IDisposable
{
    private Backend? _backend;

    public Terminal Terminal { get; } = terminal;

    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Opens the device once; it lives as long as the session.</summary>
    /// <param name="device"><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>; checked when parsed.</param>
    /// <param name="threads">0: as many as the machine has.</param>
    public Backend Open(string device, int threads)
    {
        if (device.StartsWith("cuda", StringComparison.Ordinal))
            throw new EngineException($"--device {device}: this build has no CUDA device; use --device cpu, or leave the option out");
        return _backend ??= Backend.Cpu(threads);
    }

    public void Dispose() => _backend?.Dispose();
}
