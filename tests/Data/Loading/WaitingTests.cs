using System.Collections;
using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>What counts as waiting for data: all of the caller's time in TryNext, and none outside of it.</summary>
public sealed class WaitingTests
{
    [Test]
    public void WithoutWorkersTheMakingIsTheWaiting()
    {
        using var folder = new TemporaryFolder();
        var clock = new HandClock();
        var samples = new SlowSamples(Samples(folder, 5), () => clock.Advance(3));
        using var loader = Loader(samples, clock, workers: 0);
        loader.StartEpoch(0);
        Assert.That(loader.TryNext(out var batch));
        loader.Return(batch);
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.FromSeconds(6)), "two pictures of three seconds");
        clock.Advance(100); // the caller's own work
        Assert.That(loader.TryNext(out batch));
        loader.Return(batch);
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.FromSeconds(12)));
        loader.StartEpoch(1);
        Assert.That(loader.TryNext(out _));
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.FromSeconds(18)), "epochs add up");
    }

    [Test, CancelAfter(20_000)]
    public void WithWorkersOnlyTheTimeUntilTheBatchIsThereCounts()
    {
        using var folder = new TemporaryFolder();
        using var asked = new ManualResetEventSlim();
        var clock = new HandClock { Read = asked.Set };
        var samples = new SlowSamples(Samples(folder, 2), () =>
        {
            asked.Wait(); // the consumer has begun to wait
            clock.Advance(3);
        });
        using var loader = Loader(samples, clock, workers: 1);
        loader.StartEpoch(0);
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.Zero));
        Assert.That(loader.TryNext(out var batch));
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.FromSeconds(6)));
        clock.Advance(100);
        loader.Return(batch);
        Assert.That(loader.TryNext(out _), Is.False);
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.FromSeconds(6)), "the caller's own work is no waiting");
    }

    [Test]
    public void AWaitThatFailsCountsToo()
    {
        using var folder = new TemporaryFolder();
        var clock = new HandClock();
        var absent = new Sample("a.jpg", folder["a.jpg"], [0]);
        using var loader = Loader(new SlowSamples([absent], () => clock.Advance(3)), clock, workers: 0);
        loader.StartEpoch(0);
        Assert.That(() => loader.TryNext(out _), Throws.InstanceOf<InputException>());
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }

    private static BatchLoader Loader(SlowSamples samples, HandClock clock, int workers)
    {
        var loader = new BatchLoader(
            samples, 1,
            new BatchLoaderOptions { BatchSize = 2, Preparation = new(8), Workers = workers, Time = clock });
        samples.Slow = true; // the loader's constructor has looked at them
        return loader;
    }

    private static Sample[] Samples(TemporaryFolder folder, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Sample(
            $"{i}.jpg", folder.Write($"{i}.jpg", TemporaryFolder.SmallJpeg((ulong)i)), [1]))];

    /// <summary>Samples that take time to get.</summary>
    private sealed class SlowSamples(Sample[] samples, Action get) : IReadOnlyList<Sample>
    {
        public bool Slow { get; set; }

        public int Count => samples.Length;

        public Sample this[int index]
        {
            get
            {
                if (Slow)
                    get();
                return samples[index];
            }
        }

        public IEnumerator<Sample> GetEnumerator() => samples.AsEnumerable().GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class HandClock : TimeProvider
    {
        private long _seconds;

        public Action? Read { get; init; }

        public override long TimestampFrequency => 1;

        public void Advance(int seconds) => Interlocked.Add(ref _seconds, seconds);

        public override long GetTimestamp()
        {
            var now = Interlocked.Read(ref _seconds);
            Read?.Invoke(); // after the look: who waits for it may move the hand
            return now;
        }
    }
}
