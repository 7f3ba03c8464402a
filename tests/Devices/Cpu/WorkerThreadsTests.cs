using Flixstock.Engine;

namespace Flixstock.Tests.Devices;

/// <summary>Threads that share jobs: each chunk once, and all of them before the job returns.</summary>
public sealed unsafe class WorkerThreadsTests
{
    [Test]
    public void EveryChunkOfManyJobsIsDoneOnce([Values(1, 2, 3, 9)] int threads)
    {
        const int Jobs = 4000, Most = 37;
        using var workers = new WorkerThreads(threads);
        var counts = stackalloc int[Most];
        for (var job = 0; job < Jobs; job++)
        {
            var chunks = job % (Most + 1);
            new Span<int>(counts, Most).Clear();
            var work = new Counting(counts);
            workers.Run(ref work, chunks);
            for (var i = 0; i < Most; i++)
                Assert.That(counts[i], Is.EqualTo(i < chunks ? 1 : 0), $"job {job}, chunk {i} of {chunks}");
        }
    }

    [Test]
    public void ThreadsSleepBetweenJobsAndAreWoken()
    {
        using var workers = new WorkerThreads(2);
        var meeting = default(Meeting);
        for (var job = 0; job < 3; job++)
        {
            Thread.Sleep(20); // longer than a thread looks for a job, most likely; the test holds if it is not
            workers.Run(ref meeting, 2); // chunks that wait for each other: they end if a second thread comes
        }
    }

    [Test]
    public void SeveralCallersTakeTurns()
    {
        using var workers = new WorkerThreads(3);
        var sums = new long[4];
        Parallel.For(0, sums.Length, caller =>
        {
            var counts = stackalloc int[5];
            for (var job = 0; job < 500; job++)
            {
                var work = new Counting(counts);
                workers.Run(ref work, 5);
            }
            for (var i = 0; i < 5; i++)
                sums[caller] += counts[i];
        });
        Assert.That(sums, Is.All.EqualTo(2500));
    }

    [Test]
    public void AFailureIsThrownOnceAndTheThreadsRemain([Values(1, 2, 5)] int threads)
    {
        using var workers = new WorkerThreads(threads);
        var counts = stackalloc int[16];
        for (var i = 0; i < 50; i++)
        {
            var failing = default(Failing);
            Assert.That(
                () => workers.Run(ref failing, 16),
                threads == 1 ? Throws.InvalidOperationException : Throws.TypeOf<EngineException>());
            new Span<int>(counts, 16).Clear();
            var work = new Counting(counts);
            workers.Run(ref work, 16);
            Assert.That(new Span<int>(counts, 16).ToArray(), Is.All.EqualTo(1));
        }
    }

    [Test]
    public void DisposingStopsTheThreadsHoweverLittleTheyDid()
    {
        var counts = stackalloc int[2];
        for (var i = 0; i < 100; i++)
        {
            using var workers = new WorkerThreads(1 + (i % 4));
            if (i % 3 == 0)
                continue;
            var work = new Counting(counts);
            workers.Run(ref work, i % 3);
        }
    }

    [Test]
    public void AJobHandedOutAllocatesNothing()
    {
        using var workers = new WorkerThreads(3);
        var counts = stackalloc int[8];
        var work = new Counting(counts);
        for (var i = 0; i < 100; i++)
            workers.Run(ref work, 8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            workers.Run(ref work, 8);
        Assert.That(GC.GetAllocatedBytesForCurrentThread(), Is.EqualTo(before));
    }

    [Test]
    public void AJobWaitsForThoseInsideOnly()
    {
        var job = new WorkerJob();
        Assert.That(job.TryEnter(), Is.False, "not open yet");
        job.Open();
        Assert.That(job.Close(), Is.False, "nobody came");
        Assert.That(job.TryEnter(), Is.False, "too late");
        job.Open();
        Assert.That(job.TryEnter() && job.TryEnter(), Is.True);
        Assert.That(job.Leave(), Is.False, "still open");
        Assert.That(job.Close(), Is.True, "one is inside");
        Assert.That(job.Leave(), Is.True, "the last one");
    }

    [Test]
    public void SignalsBeforeTheWaitCountAsOne([Values(0, 400)] int spins)
    {
        using var signal = new ThreadSignal(spins);
        signal.Set();
        signal.Set();
        signal.Wait();
        var woken = false;
        var waiter = new Thread(() =>
        {
            signal.Wait();
            Volatile.Write(ref woken, true);
        });
        waiter.Start();
        Assert.That(waiter.Join(50), Is.False, "the second signal was kept");
        Assert.That(Volatile.Read(ref woken), Is.False);
        signal.Set();
        waiter.Join();
        Assert.That(woken, Is.True);
    }

    [Test]
    public void ABufferIsOneThreadsAtATime()
    {
        var taken = stackalloc int[3];
        var claims = new BufferClaims(taken, 3);
        Assert.That(new[] { claims.Take(), claims.Take(), claims.Take() }, Is.EqualTo(new[] { 0, 1, 2 }));
        claims.Return(1);
        Assert.That(claims.Take(), Is.EqualTo(1));
    }

    private readonly struct Counting(int* counts) : IChunkedWork
    {
        public void Execute(int chunk) => Interlocked.Increment(ref counts[chunk]);
    }

    private struct Failing : IChunkedWork
    {
        public readonly void Execute(int chunk)
        {
            if (chunk is 3 or 4)
                throw new InvalidOperationException("planted");
        }
    }

    private struct Meeting : IChunkedWork
    {
        private static readonly Barrier Both = new(2);

        public readonly void Execute(int chunk) => Both.SignalAndWait();
    }
}
