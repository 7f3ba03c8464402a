namespace Flixstock.Engine;

/// <summary>
/// Sends the figures of a run on a thread of its own, so that a server that is slow or away costs the training nothing.
/// What it refuses for now is sent again, later and later; what it refuses for good ends the sending.
/// </summary>
/// <param name="client">The server.</param>
/// <param name="run">Id of the run there.</param>
/// <param name="arrived">Told the last step and epoch that have arrived, by the sending thread.</param>
/// <param name="time">The clock.</param>
internal sealed class MlflowSender(
    MlflowClient client, string run, Action<int, int> arrived, TimeProvider time) : IDisposable
{
    /// <summary>Steps and epochs of a call: an epoch has 12 figures, and the server allows 1,000.</summary>
    public const int EntriesOfCall = 80;

    /// <summary>Steps and epochs that may wait: all of a run, of which at most half are steps.</summary>
    public const int MostWaiting = 2 * StepThinning.MostSteps;

    // What is given up may have arrived, and is sent again: nobody waits here, so that an answer may take long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5), FirstPause = TimeSpan.FromSeconds(1),
        LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Queue<MlflowEntry> _waiting = new(StepThinning.MostSteps);
    private readonly AutoResetEvent _due = new(initialState: false);
    private readonly ManualResetEventSlim _done = new();
    private readonly CancellationTokenSource _stop = new();
    private Thread? _thread;
    private TimeSpan _pause; // between attempts; 0: the last one succeeded
    private int _lastStep, _lastEpoch;
    private (string Status, long Time)? _end;
    private bool _refused, _ended;

    /// <summary>Why something could not be sent, the last time; null: nothing failed since.</summary>
    public string? Problem { get; private set; }

    /// <summary>Steps and epochs that have not arrived.</summary>
    public int Missing
    {
        get
        {
            lock (_gate)
                return _waiting.Count + Lost;
        }
    }

    /// <summary>Steps and epochs that found no place, or were told after the server had refused.</summary>
    public int Lost { get; private set; }

    /// <summary>True once the server knows how the run ended.</summary>
    public bool HasEnded => _ended;

    /// <summary>Begins to send.</summary>
    public void Start()
    {
        client.Patience = Patience;
        _thread = new Thread(Work) { IsBackground = true, Name = "MLflow" };
        _thread.Start();
    }

    /// <summary>Queues a step or an epoch.</summary>
    public void Add(in MlflowEntry entry)
    {
        lock (_gate)
        {
            if (_refused || _waiting.Count >= MostWaiting)
            {
                Lost++;
                return;
            }
            _waiting.Enqueue(entry);
            if (_waiting.Count != EntriesOfCall || _pause > TimeSpan.Zero)
                return;
        }
        _due.Set();
    }

    /// <summary>Sends what is left and how the run ended, and waits for it.</summary>
    /// <param name="status">FINISHED, FAILED or KILLED.</param>
    /// <param name="patience">How long to wait at most.</param>
    public void Finish(string status, TimeSpan patience)
    {
        lock (_gate)
            _end = (status, time.GetUtcNow().ToUnixTimeMilliseconds());
        _due.Set();
        var timer = time.CreateTimer(_ => _stop.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
        WaitHandle.WaitAny([_done.WaitHandle, _stop.Token.WaitHandle]);
        End(timer);
        _stop.Cancel();
        _due.Set();
        _thread?.Join(TimeSpan.FromSeconds(1)); // a name that is looked up cannot be given up
    }

    /// <summary>Sends one call.</summary>
    /// <returns>How long to wait before the next one; null: there is nothing more to do.</returns>
    internal TimeSpan? Turn()
    {
        if (_refused || _stop.IsCancellationRequested)
            return null;
        (string Status, long Time)? end; // once it is known, nothing is added any more
        lock (_gate)
            end = _end;
        try
        {
            var more = SendFigures(all: end is not null);
            Pause(TimeSpan.Zero);
            if (more)
                return TimeSpan.Zero;
            if (end is not { } known)
                return Interval;
            client.Update(run, known.Status, known.Time, _stop.Token);
            _ended = true;
            return null;
        }
        catch (MlflowException e)
        {
            Problem = e.Message;
            if (!e.Passes)
            {
                lock (_gate)
                    _refused = true;
                return null;
            }
            return Pause(_pause == TimeSpan.Zero ? FirstPause : TimeSpan.FromTicks(
                Math.Min(_pause.Ticks * 2, LongestPause.Ticks)));
        }
        catch (OperationCanceledException)
        {
            return null; // the patience is at its end
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _due.Set();
        if (_thread?.Join(TimeSpan.FromSeconds(1)) == false)
            return; // it still uses them
        _due.Dispose();
        _done.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Pause(TimeSpan pause)
    {
        lock (_gate)
            return _pause = pause;
    }

    private void Work()
    {
        try
        {
            for (TimeSpan? pause = Interval; pause is { } wait; pause = Turn())
                Wait(wait);
        }
#pragma warning disable CA1031 // whatever it is, it must not end the training, and the run's last line says it
        catch (Exception e)
#pragma warning restore CA1031
        {
            Problem = e.Message;
            lock (_gate)
                _refused = true;
        }
        finally
        {
            _done.Set();
        }
    }

    private void Wait(TimeSpan pause)
    {
        if (pause == TimeSpan.Zero)
            return;
        var timer = time.CreateTimer(_ => _due.Set(), null, pause, Timeout.InfiniteTimeSpan);
        _due.WaitOne();
        End(timer);
    }

    // Also waits for what it does at this moment, which may need what is disposed of next.
    private static void End(ITimer timer) => timer.DisposeAsync().AsTask().GetAwaiter().GetResult();

    // What was sent stays in the queue until it has arrived.
    private bool SendFigures(bool all)
    {
        MlflowEntry[] sent;
        lock (_gate)
            sent = [.. _waiting.Take(EntriesOfCall)];
        if (sent.Length == 0)
            return false;
        client.LogMetrics(run, [.. sent.SelectMany(entry => entry.Metrics())], _stop.Token);
        Problem = null;
        bool more;
        lock (_gate)
        {
            for (var i = 0; i < sent.Length; i++)
                _waiting.Dequeue();
            more = _waiting.Count >= (all ? 1 : EntriesOfCall);
        }
        foreach (var entry in sent)
        {
            (_lastStep, _lastEpoch) = entry.Epoch is { } epoch
                ? (_lastStep, epoch.Epoch)
                : (entry.Step.Step, _lastEpoch);
        }
        if (Lost == 0) // else something before it is missing
            arrived(_lastStep, _lastEpoch);
        return more;
    }
}
