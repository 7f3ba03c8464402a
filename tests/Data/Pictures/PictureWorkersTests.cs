using Flixstock.Engine;

namespace Flixstock.Tests.Data;

/// <summary>Files that do not come, and threads that hang in them.</summary>
public sealed class PictureWorkersTests
{
    [Test]
    public void EveryNumberComesOnceAndNoMoreThanTheWorkersAtATime([Values(1, 2, 5)] int workers)
    {
        var (seen, running, most) = (new int[40], 0, 0);
        PictureWorkers.Run(40, workers, i =>
        {
            var now = Interlocked.Increment(ref running);
            for (var before = most; now > before && Interlocked.CompareExchange(ref most, now, before) != before;)
                before = most;
            Interlocked.Increment(ref seen[i]);
            Interlocked.Decrement(ref running);
        });
        Assert.That(seen, Has.All.EqualTo(1));
        Assert.That(most, Is.LessThanOrEqualTo(workers));
    }

    [Test]
    public void WhatFailsIsThrownAsItIs() =>
        Assert.That(
            () => PictureWorkers.Run(9, 3, i => throw new InputException($"picture {i}")),
            Throws.TypeOf<InputException>().With.Message.StartsWith("picture "));

    [Test]
    public void AWorkerThatHangsIsLeftBehindWhenTheWorkIsStopped()
    {
        using var never = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        Assert.That(() => PictureWorkers.Run(4, 2, i =>
        {
            if (i == 1)
                stop.Cancel();
            if (i == 0)
                never.Wait();
        }, TimeSpan.Zero, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        never.Set();
    }

    [Test]
    public void ALoaderWhoseFileDoesNotComeCanBeStoppedAndDisposedOf()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        // The clock is asked before the file is read: there the worker hangs.
        var reading = new PictureReading { Time = new HangingClock(never, stop), Waiting = (_, _) => { } };
        PictureWriter.WritePng(folder["a.png"], TemporaryFolder.SmallPicture(1));
        var loader = new BatchLoader(
            [new Sample("a.png", folder["a.png"], [1]) { Reading = reading }], 1,
            new BatchLoaderOptions { BatchSize = 1, Preparation = new(8), Workers = 1, Grace = TimeSpan.Zero });
        loader.StartEpoch(0);
        Assert.That(() => loader.TryNext(out _, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        loader.Dispose();
        never.Set();
    }

    [Test]
    public void AFileThatDoesNotComeIsNamedAgainAndAgainAtGrowingIntervals()
    {
        var (clock, told) = (new FakeClock(), new List<string>());
        var reading =
            new PictureReading { Time = clock, Waiting = (file, waited) => told.Add($"{file} {waited.TotalSeconds}") };
        var read = reading.Watched("a.jpg", () =>
        {
            clock.Advance(29);
            Assert.That(told, Is.Empty);
            clock.Advance(1);
            Assert.That(told, Is.EqualTo(new[] { "a.jpg 30" }));
            clock.Advance(29);
            clock.Advance(1);
            clock.Advance(60);
            return 5;
        });
        Assert.That(told, Is.EqualTo(new[] { "a.jpg 30", "a.jpg 60", "a.jpg 120" }));
        clock.Advance(1000);
        Assert.That((read, told.Count), Is.EqualTo((5, 3)), "it has come");
    }
}

/// <summary>A clock that hangs where it is asked to wake somebody.</summary>
internal sealed class HangingClock(ManualResetEventSlim until, CancellationTokenSource stop) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        stop.Cancel();
        until.Wait();
        return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}

/// <summary>A clock that stands until it is moved.</summary>
internal sealed class FakeClock : TimeProvider
{
    private readonly List<Alarm> _alarms = [];
    private TimeSpan _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, () => callback(state));
        alarm.Change(dueTime, period);
        _alarms.Add(alarm);
        return alarm;
    }

    public void Advance(double seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        foreach (var alarm in _alarms.ToArray())
            alarm.Ring();
    }

    private sealed class Alarm(FakeClock clock, Action ring) : ITimer
    {
        private TimeSpan? _at;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _at = clock._now + dueTime;
            return true;
        }

        public void Ring()
        {
            if (_at is not { } at || at > clock._now)
                return;
            _at = null;
            ring();
        }

        public void Dispose() => _at = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
