namespace Flixstock.Engine;

/// <summary>
/// Whether a job is open, and how many workers are in it: its owner waits for those only, not for the ones that have
/// not come yet.
/// </summary>
/// <remarks>Threads: any number enter and leave; one opens and closes.</remarks>
internal sealed class WorkerJob
{
    private const int OpenBit = 1 << 30;

    private int _state; // OpenBit, and the number of workers inside

    /// <summary>Lets workers in; what was written before is seen by those that enter.</summary>
    public void Open() => Interlocked.Exchange(ref _state, OpenBit);

    /// <summary>Lets no worker in any more.</summary>
    /// <returns>True if some are inside: the last of them gets true from <see cref="Leave"/>.</returns>
    public bool Close() => Interlocked.And(ref _state, ~OpenBit) != OpenBit;

    /// <summary>Enters the job unless it is closed.</summary>
    /// <returns>True if the worker is inside, and must leave.</returns>
    public bool TryEnter()
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if ((state & OpenBit) == 0)
                return false;
            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state)
                return true;
        }
    }

    /// <summary>Leaves the job; what was written before is seen by its owner.</summary>
    /// <returns>True for the last worker of a closed job: its owner waits.</returns>
    public bool Leave() => Interlocked.Decrement(ref _state) == 0;
}
