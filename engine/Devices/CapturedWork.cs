namespace Flixstock.Engine;

/// <summary>
/// Work that a device has written down once and does again at one call: see <see cref="Device.Capture"/>.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
public abstract class CapturedWork : IDisposable
{
    /// <summary>Queues all of it, in the order in which it was queued first.</summary>
    public abstract void Replay();

    /// <summary>Forgets it.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Forgets it.</summary>
    protected abstract void Dispose(bool disposing);
}
