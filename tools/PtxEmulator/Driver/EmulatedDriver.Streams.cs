using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class EmulatedDriver
{
    public CuResult cuStreamCreate(nint* stream, uint flags)
    {
        *stream = Handle();
        Queues.Streams[*stream] = new EmulatedStream();
        return CuResult.Success;
    }

    public CuResult cuStreamDestroy(nint stream)
    {
        var result = cuStreamSynchronize(stream);
        return result == CuResult.Success && Queues.Streams.Remove(stream) ? CuResult.Success : CuResult.InvalidHandle;
    }

    public CuResult cuStreamSynchronize(nint stream)
    {
        if (!Queues.Streams.TryGetValue(stream, out var known))
            return CuResult.InvalidHandle;
        if (known.Capture is { } capture)
        {
            capture.IsInvalid = true;
            return CuResult.StreamCaptureUnsupported;
        }
        Queues.RunUntil(() => known.Work.Count == 0);
        return CuResult.Success;
    }

    public CuResult cuStreamWaitEvent(nint stream, nint @event, uint flags)
    {
        if (!Queues.Streams.TryGetValue(stream, out var known) || !_events.TryGetValue(@event, out var awaited))
            return CuResult.InvalidHandle;
        if (awaited.Captured is { } captured)
        {
            // The stream joins the capture.
            if (known.Capture is not null && known.Capture != captured.Graph)
                return CuResult.StreamCaptureUnsupported;
            known.Capture = captured.Graph;
            known.Last.UnionWith(captured.Nodes);
        }
        else if (known.Capture is null)
        {
            known.Work.Enqueue(new Work("wait", null, Awaits: awaited, Ticket: awaited.Recorded));
        }
        else
        {
            known.Capture.IsInvalid = true;
            return (CuResult)905;
        }
        return CuResult.Success;
    }

    public CuResult cuEventCreate(nint* @event, uint flags)
    {
        *@event = Handle();
        _events[*@event] = new EmulatedEvent();
        return CuResult.Success;
    }

    public CuResult cuEventDestroy(nint @event) => _events.Remove(@event) ? CuResult.Success : CuResult.InvalidHandle;

    public CuResult cuEventRecord(nint @event, nint stream)
    {
        if (!Queues.Streams.TryGetValue(stream, out var known) || !_events.TryGetValue(@event, out var recorded))
            return CuResult.InvalidHandle;
        if (known.Capture is { } graph)
        {
            recorded.Captured = (graph, [.. known.Last]);
            return CuResult.Success;
        }
        recorded.Captured = null;
        recorded.Recorded++;
        known.Work.Enqueue(new Work("record", null, Records: recorded, Ticket: recorded.Recorded));
        return CuResult.Success;
    }

    public CuResult cuEventSynchronize(nint @event)
    {
        if (!_events.TryGetValue(@event, out var known))
            return CuResult.InvalidHandle;
        if (known.Captured is not null)
            return CuResult.InvalidValue;
        Queues.RunUntil(() => known.IsDone);
        return CuResult.Success;
    }

    public CuResult cuEventElapsedTime(float* milliseconds, nint start, nint end)
    {
        if (!_events.TryGetValue(start, out var first) || !_events.TryGetValue(end, out var last) || first.Recorded == 0
            || last.Recorded == 0)
        {
            return CuResult.InvalidHandle;
        }
        if (!first.IsDone || !last.IsDone)
            return CuResult.NotReady;
        return Give(milliseconds, (float)(last.Time - first.Time));
    }

    public CuResult cuStreamBeginCapture(nint stream, int mode)
    {
        if (!Queues.Streams.TryGetValue(stream, out var known))
            return CuResult.InvalidHandle;
        if (stream == 0 || known.Capture is not null)
            return CuResult.StreamCaptureUnsupported;
        (known.Capture, known.IsOrigin, known.Last) = (new CaptureGraph(), true, []);
        return CuResult.Success;
    }

    public CuResult cuStreamEndCapture(nint stream, nint* graph)
    {
        if (!Queues.Streams.TryGetValue(stream, out var known) || known.Capture is not { } capture || !known.IsOrigin)
            return CuResult.InvalidValue;
        var joined = Before(capture, known.Last);
        bool unjoined = Queues.Streams.Values.Any(other => other.Capture == capture && !other.Last.IsSubsetOf(joined));
        foreach (var other in Queues.Streams.Values.Where(other => other.Capture == capture))
            (other.Capture, other.IsOrigin, other.Last) = (null, false, []);
        *graph = 0;
        if (capture.IsInvalid || unjoined)
            return capture.IsInvalid ? CuResult.StreamCaptureInvalidated : CuResult.StreamCaptureUnjoined;
        *graph = Handle();
        _graphs[*graph] = capture;
        return CuResult.Success;
    }

    public CuResult cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags)
    {
        if (!_graphs.TryGetValue(graph, out var known))
            return CuResult.InvalidHandle;
        *executable = Handle();
        _executables[*executable] = known;
        return CuResult.Success;
    }

    public CuResult cuGraphLaunch(nint executable, nint stream) => _executables.TryGetValue(executable, out var graph)
        ? Queues.Add(stream, "graph", () => Queues.Replay(graph))
        : CuResult.InvalidHandle;

    public CuResult cuGraphExecDestroy(nint executable) =>
        _executables.Remove(executable) ? CuResult.Success : CuResult.InvalidHandle;

    public CuResult cuGraphDestroy(nint graph) => _graphs.Remove(graph) ? CuResult.Success : CuResult.InvalidHandle;

    private static HashSet<int> Before(CaptureGraph graph, HashSet<int> last)
    {
        var reached = new HashSet<int>();
        var open = new Stack<int>(last);
        while (open.TryPop(out int node))
        {
            if (!reached.Add(node))
                continue;
            foreach (int before in graph.Nodes[node].Before)
                open.Push(before);
        }
        return reached;
    }
}
