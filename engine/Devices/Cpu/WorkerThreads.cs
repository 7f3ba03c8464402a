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
/// step must not), which is why this is not <see cref="Parallel"/>.
/// </summary>
/// <remarks>Threads: any number; their jobs take turns.</remarks>
public sealed unsafe class WorkerThreads : IDisposable
{
    private const int SpinsBeforeSleep = 2000;
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _runLock = new();
    private delegate*<void*, int, void> _body;
    private void* _work;
    private int _chunks, _next, _pending, _generation;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <summary>Starts <paramref name="count"/> - 1 threads; the caller of <see cref="Run"/> is the last one.</summary>
    public WorkerThreads(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        _threads = new Thread[count - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Loop) { IsBackground = true, Name = $"flixstock worker {i + 1}" };
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
        _failure = null;
        Volatile.Write(ref _next, 0);
        Volatile.Write(ref _pending, _threads.Length);
        Interlocked.Increment(ref _generation);
        _wake.Release(_threads.Length);
        TakeChunks();
        var spinner = new SpinWait();
        while (Volatile.Read(ref _pending) > 0)
            spinner.SpinOnce(sleep1Threshold: -1);
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

    private void Loop()
    {
        var seen = 0;
        while (true)
        {
            var spins = 0;
            while (Volatile.Read(ref _generation) == seen && !_stopping && spins++ < SpinsBeforeSleep)
                Thread.SpinWait(8);
            _wake.Wait();
            if (_stopping)
                return;
            seen = Volatile.Read(ref _generation);
            TakeChunks();
            Interlocked.Decrement(ref _pending);
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
        if (_threads.Length > 0)
            _wake.Release(_threads.Length);
        foreach (var thread in _threads)
            thread.Join();
        _wake.Dispose();
    }
}
