using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

/// <summary>A piece of work in a stream: something to do, an event to note, or an event to wait for.</summary>
/// <param name="Name">What it is, for messages.</param>
/// <param name="Run">What is done; null for nothing.</param>
/// <param name="Records">The event that it notes.</param>
/// <param name="Awaits">The event that it waits for.</param>
/// <param name="Ticket">Which record of the event.</param>
/// <param name="NotBefore">When the host queued it, in milliseconds.</param>
internal sealed record Work(
    string Name, Action? Run, EmulatedEvent? Records = null, EmulatedEvent? Awaits = null, long Ticket = 0,
    double NotBefore = 0);

/// <summary>An event: how often it was recorded, and how often that record was reached.</summary>
internal sealed class EmulatedEvent
{
    public long Recorded { get; set; }

    public long Reached { get; set; }

    public double Time { get; set; }

    /// <summary>Where it was recorded if that stream was being captured.</summary>
    public (CaptureGraph Graph, HashSet<int> Nodes)? Captured { get; set; }

    public bool IsDone => Reached >= Recorded;
}

/// <summary>A stream: work that waits, and the capture it takes part in.</summary>
internal sealed class EmulatedStream
{
    public Queue<Work> Work { get; } = new();

    public CaptureGraph? Capture { get; set; }

    public bool IsOrigin { get; set; }

    /// <summary>Captured nodes that the next one depends on.</summary>
    public HashSet<int> Last { get; set; } = [];
}

/// <summary>Captured work: nodes with the nodes that come before them.</summary>
internal sealed class CaptureGraph
{
    public List<(Work Work, int[] Before)> Nodes { get; } = [];

    /// <summary>Something happened that a capture does not survive.</summary>
    public bool IsInvalid { get; set; }
}

/// <summary>
/// The streams of an emulated device. Work is done as late as possible, in a random order that only streams, events and
/// waiting bound: what a program forgot to order goes wrong here.
/// </summary>
/// <param name="seed">Of the order.</param>
/// <param name="executes">False: what computes is queued and captured like anything else, but not done.</param>
internal sealed class StreamQueues(int seed, bool executes = true)
{
    private readonly Random _order = new(seed);
    private double _clock, _host;

    public Dictionary<nint, EmulatedStream> Streams { get; } = new() { [0] = new EmulatedStream() };

    /// <summary>Told the name of everything that computes when it is queued; null for nobody.</summary>
    public Action<string>? Queued { get; set; }

    /// <summary>Streams that take part in a capture.</summary>
    public IEnumerable<EmulatedStream> Capturing => Streams.Values.Where(stream => stream.Capture is not null);

    /// <summary>Queues what computes: a kernel, or a library's call.</summary>
    public CuResult Compute(nint handle, string name, Action run)
    {
        Queued?.Invoke(name);
        return Add(handle, name, executes ? run : static () => { });
    }

    /// <summary>Queues work, or adds it to the capture that the stream takes part in.</summary>
    public CuResult Add(nint handle, string name, Action run)
    {
        if (!Streams.TryGetValue(handle, out var stream))
            return CuResult.InvalidHandle;
        if (stream.Capture is not { } graph)
        {
            stream.Work.Enqueue(new Work(name, run, NotBefore: _host));
            return CuResult.Success;
        }
        if (graph.IsInvalid)
            return CuResult.StreamCaptureInvalidated;
        graph.Nodes.Add((new Work(name, run), [.. stream.Last]));
        stream.Last = [graph.Nodes.Count - 1];
        return CuResult.Success;
    }

    /// <summary>Marks every running capture as broken; true if there was one.</summary>
    public bool InvalidateCaptures()
    {
        bool any = false;
        foreach (var stream in Capturing)
            any = stream.Capture!.IsInvalid = true;
        return any;
    }

    /// <summary>Works in random order until <paramref name="done"/> holds.</summary>
    /// <exception cref="DeviceCheckException">
    /// A check failed, or every stream waits for an event that will not come.
    /// </exception>
    public void RunUntil(Func<bool> done)
    {
        while (!done())
        {
            var ready = Streams.Values.Where(stream => stream.Work.TryPeek(out var next)
                && (next.Awaits is null || next.Awaits.Reached >= next.Ticket)).ToArray();
            if (ready.Length == 0)
                throw new DeviceCheckException("streams wait for events that nobody will record");
            Do(ready[_order.Next(ready.Length)].Work.Dequeue());
        }
        _host = Math.Max(_host, _clock); // it has waited
    }

    /// <summary>Executes captured nodes in a random order that keeps what depends on what.</summary>
    public void Replay(CaptureGraph graph)
    {
        var done = new bool[graph.Nodes.Count];
        for (int count = 0; count < done.Length; count++)
        {
            var ready = Enumerable.Range(0, done.Length)
                .Where(node => !done[node] && graph.Nodes[node].Before.All(before => done[before])).ToArray();
            int chosen = ready[_order.Next(ready.Length)];
            Do(graph.Nodes[chosen].Work);
            done[chosen] = true;
        }
    }

    /// <summary>Lets work that is being done take so long.</summary>
    public void Spend(double milliseconds) => _clock += milliseconds;

    /// <summary>Lets the host take so long before it queues anything else.</summary>
    public void SpendOnHost(double milliseconds) => _host = Math.Max(_host, _clock) + milliseconds;

    private void Do(Work work)
    {
        _clock = Math.Max(_clock, work.NotBefore) + 0.01;
        work.Run?.Invoke();
        if (work.Records is { } recorded)
            (recorded.Reached, recorded.Time) = (Math.Max(recorded.Reached, work.Ticket), _clock);
    }
}
