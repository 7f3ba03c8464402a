using System.Diagnostics;

namespace Flixstock.Engine;

/// <summary>
/// Times parts of a device's work without waiting for it: marks are set while work is queued, and read when all is
/// done. This one is for devices that have done their work when a call returns: it reads the host's clock.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public class DeviceTimer : IDisposable
{
    private readonly List<long> _marks = [];
    private bool _disposed;

    /// <summary>Marks the moment at which everything queued so far is done.</summary>
    /// <returns>The mark's number, from 0.</returns>
    public virtual int Mark()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _marks.Add(Stopwatch.GetTimestamp());
        return _marks.Count - 1;
    }

    /// <summary>The time between two marks; waits for the later one.</summary>
    public virtual double Milliseconds(int from, int to) =>
        Stopwatch.GetElapsedTime(_marks[from], _marks[to]).TotalMilliseconds;

    /// <summary>Forgets all marks.</summary>
    public virtual void Restart() => _marks.Clear();

    /// <summary>Frees what the marks are.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the marks are.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _marks.Clear();
        _disposed = true;
    }
}
