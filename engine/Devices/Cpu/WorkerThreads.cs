namespace Flixstock.Engine;

/// <summary>
/// A piece of work that is cut into chunks by its shape alone, never by the number of threads, so that results do not
/// depend on it.
/// </summary>
/// <remarks>Threads: any number; chunks of one job are done at the same time.</remarks>
public interface IChunkedWork
{
    /// <summary>
    /// Does chunk number <paramref name="chunk"/>. Called once for each, in any order, from any thread.
    /// </summary>
    void Execute(int chunk);
}

/// <summary>
/// Threads that stay alive and take chunks of one job at a time. Handing out a job allocates nothing (a warm training
/// step must not), which is why this is not <see cref="Parallel"/>. On a machine that others use as well a thread may
/// not run for milliseconds: a job never waits for one that has not begun a chunk, and whoever waits longer than a
/// moment gives its core away.
/// </summary>
/// <remarks>Threads: any number; their jobs take turns.</remarks>
public sealed unsafe class WorkerThreads : IDisposable
{
    private readonly Thread[] _threads;
    private readonly ThreadSignal[] _wake; // one for each thread
    private readonly ThreadSignal _done;
    private readonly WorkerJob _job = new();
    private readonly Lock _runLock = new();
    private delegate*<void*, int, void> _body;
    private void* _work;
    private int _chunks, _next;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <summary>Starts <paramref name="count"/> - 1 threads; the caller of <see cref="Run"/> is the last one.</summary>
    public WorkerThreads(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        _threads = new Thread[count - 1];
        _wake = new ThreadSignal[count - 1];
        // A thread that waits for one that has no core must not keep its own.
        var spins = count <= Environment.ProcessorCount ? ThreadSignal.Spins : 0;
        _done = new(spins);
        for (var i = 0; i < _threads.Length; i++)
        {
            var wake = _wake[i] = new(spins);
            _threads[i] = new Thread(() => Loop(wake)) { IsBackground = true, Name = $"flixstock worker {i + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that share a job, the caller included.</summary>
    public int Count { get; }

    /// <summary>
    /// Runs every chunk and returns when all are done. One job at a time: concurrent callers wait for each other.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The threads were stopped.</exception>
    public void Run<T>(ref T work, int chunks) where T : unmanaged, IChunkedWork
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (chunks <= 0)
            return;
        if (Count == 1 || chunks == 1)
        {
            for (var i = 0; i < chunks; i++)
                work.Execute(i);
            return;
        }
        lock (_runLock)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            fixed (T* pointer = &work)
                Share(&Invoke<T>, pointer, chunks);
        }
    }

    private static void Invoke<T>(void* work, int chunk) where T : unmanaged, IChunkedWork =>
        ((T*)work)->Execute(chunk);

    private void Share(delegate*<void*, int, void> body, void* work, int chunks)
    {
        _body = body;
        _work = work;
        _chunks = chunks;
        _next = 0;
        _failure = null;
        _job.Open(); // from here on workers read what is above
        for (var i = 0; i < Math.Min(chunks - 1, _wake.Length); i++)
            _wake[i].Set();
        TakeChunks();
        if (_job.Close())
            _done.Wait();
        if (_failure is { } failure)
            throw new EngineException($"a kernel's worker thread failed: {failure.Message}", failure);
    }

    // Never throws: the caller's stack frame holds the work, so it must outlive every thread. Share throws the first
    // failure.
    private void TakeChunks()
    {
        try
        {
            for (int chunk; (chunk = Interlocked.Increment(ref _next) - 1) < _chunks;)
                _body(_work, chunk);
        }
#pragma warning disable CA1031 // kept, and thrown by Share
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure ??= e;
        }
    }

    private void Loop(ThreadSignal wake)
    {
        while (true)
        {
            wake.Wait();
            if (_stopping)
                return;
            if (!_job.TryEnter())
                continue; // done by the others before this thread got a core
            TakeChunks();
            if (_job.Leave())
                _done.Set();
        }
    }

    /// <summary>Stops and joins the threads.</summary>
    public void Dispose()
    {
        lock (_runLock) // the job that runs ends first
        {
            if (_stopping)
                return;
            _stopping = true;
        }
        foreach (var wake in _wake)
            wake.Set();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var wake in _wake)
            wake.Dispose();
        _done.Dispose();
    }
}
