namespace Flixstock.Engine;

/// <summary>
/// Counts the users of an object, so that disposing waits for them and none enters afterwards. Safe for any number of
/// threads.
/// </summary>
/// <param name="owner">The type that is disposed of, for the exception.</param>
internal sealed class DisposalGate(Type owner)
{
    private readonly object _monitor = new();
    private int _users;
    private bool _closed;

    /// <summary>Begins a use; disposing of the result ends it.</summary>
    /// <exception cref="ObjectDisposedException">The gate was closed.</exception>
    public Use Enter()
    {
        lock (_monitor)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            _users++;
        }
        return new Use(this);
    }

    /// <summary>Admits no more users and waits until all have left. Must not be called by a user.</summary>
    /// <returns>True for the first caller, who disposes; false for all others.</returns>
    public bool Close()
    {
        lock (_monitor)
        {
            var first = !_closed;
            _closed = true;
            while (_users > 0)
                Monitor.Wait(_monitor);
            return first;
        }
    }

    private void Leave()
    {
        lock (_monitor)
        {
            if (--_users == 0)
                Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>One user's stay.</summary>
    public readonly ref struct Use(DisposalGate gate)
    {
        public void Dispose() => gate.Leave();
    }
}
