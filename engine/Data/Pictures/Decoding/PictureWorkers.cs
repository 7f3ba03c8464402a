using System.Runtime.ExceptionServices;

namespace Flixstock.Engine;

/// <summary>
/// Processes many pictures on threads that can be abandoned: one that hangs in a read must not delay a stop.
/// </summary>
internal static class PictureWorkers
{
    /// <summary>How long threads are waited for when the work is stopped; the next file may hang as well.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>Works through the numbers 0 to <paramref name="count"/> - 1, each once.</summary>
    /// <param name="count">Number of pictures.</param>
    /// <param name="workers">At most this many threads.</param>
    /// <param name="work">
    /// Is called from several threads, and after a cancellation perhaps still after this has returned.
    /// </param>
    /// <param name="cancellation">
    /// Stops; threads in the middle of a picture are waited for as long as <see cref="Grace"/>.
    /// </param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Run(int count, int workers, Action<int> work, CancellationToken cancellation = default) =>
        Run(count, workers, work, Grace, cancellation);

    /// <summary>Same as the other overload, with another time to wait for threads in the middle of a picture.</summary>
    internal static void Run(int count, int workers, Action<int> work, TimeSpan grace, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (count == 0)
            return;
        var threads = new Thread[Math.Clamp(workers, 1, count)];
        var run = new WorkersRun(count, threads.Length, work, cancellation);
        for (var i = 0; i < threads.Length; i++)
        {
            threads[i] = new Thread(run.Work) { IsBackground = true, Name = "pictures" };
            threads[i].Start();
        }
        try
        {
            run.Done.Wait(cancellation);
        }
        catch (OperationCanceledException)
        {
            run.Done.Wait(grace, CancellationToken.None);
        }
        // What went wrong first is worth more than that the work was stopped meanwhile.
        run.Failure?.Throw();
        cancellation.ThrowIfCancellationRequested();
    }

    private sealed class WorkersRun(int count, int threads, Action<int> work, CancellationToken cancellation)
    {
        private int _taken;

        public CountdownEvent Done { get; } = new(threads);

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Work()
        {
            while (!cancellation.IsCancellationRequested && Failure is null
                && Interlocked.Increment(ref _taken) is var number && number <= count)
            {
                try
                {
                    work(number - 1);
                }
#pragma warning disable CA1031 // whatever it is, the caller must see it
                catch (Exception e)
#pragma warning restore CA1031
                {
                    lock (Done)
                        Failure ??= ExceptionDispatchInfo.Capture(e);
                }
            }
            Done.Signal();
        }
    }
}
