namespace Flixstock.Engine;

/// <summary>
/// Wakes one thread: it looks for the signal for a moment, which costs less than to sleep and be woken, and then
/// sleeps. Several signals before it looks count as one.
/// </summary>
/// <param name="spins">How often it looks before it sleeps.</param>
/// <remarks>Threads: one waits, any number set.</remarks>
internal sealed class ThreadSignal(int spins) : IDisposable
{
    /// <summary>About a tenth of a millisecond: longer than what lies between two kernels of a step.</summary>
    public const int Spins = 400;

    private const int None = 0, IsSet = 1, Sleeping = 2;

    private readonly SemaphoreSlim _sleep = new(0);
    private int _state;

    /// <summary>Wakes the thread, or the next time it waits it does not.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, IsSet) == Sleeping)
            _sleep.Release();
    }

    /// <summary>Waits for the signal and takes it.</summary>
    public void Wait()
    {
        for (var i = 0; i < spins; i++)
        {
            if (Volatile.Read(ref _state) == IsSet)
                break;
            Thread.SpinWait(8);
        }
        if (Interlocked.CompareExchange(ref _state, Sleeping, None) == None)
            _sleep.Wait();
        Interlocked.Exchange(ref _state, None); // a full fence: what is read next is read after this
    }

    /// <inheritdoc />
    public void Dispose() => _sleep.Dispose();
}
