namespace Flixstock.Engine;

public sealed unsafe partial class CudaDevice
{
    private const int ThreadLocalCapture = 1;
    private bool _capturing;

    /// <inheritdoc />
    public override bool Captures => true;

    /// <summary>
    /// Writes down the work that <paramref name="work"/> queues, without doing it, as one graph to be replayed. The
    /// work must have run before (kernels loaded, scratch memory grown, algorithms chosen), always take the same
    /// memory, and not wait for the device.
    /// </summary>
    public override CapturedWork Capture(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        MakeCurrent();
        Join();
        Errors.Check(Driver.cuStreamBeginCapture(Stream, ThreadLocalCapture));
        nint graph = 0;
        var complete = false;
        _capturing = true;
        try
        {
            work();
            Join();
            complete = true;
        }
        finally
        {
            _capturing = false;
            _forked = false; // the capture has ended with it
            var result = Driver.cuStreamEndCapture(Stream, &graph);
            if (!complete && graph != 0)
                _ = Driver.cuGraphDestroy(graph); // the exception on its way says what went wrong
            else if (complete)
                Errors.Check(result, "cuStreamEndCapture");
        }
        return new CudaGraph(this, graph);
    }

    /// <summary>
    /// Milliseconds of work on the device, the least of several times: as part of a captured step, without the host's
    /// time between two launches.
    /// </summary>
    /// <param name="work">Queues it and returns a library's status.</param>
    /// <returns>Null if it is refused, or cannot be captured.</returns>
    internal float? Time(Func<int> work)
    {
        const int Times = 3, Replays = 5;
        if (work() != 0 || Captured(work) is not { } captured)
            return null;
        using var graph = captured;
        using CudaEvent start = new(this, timed: true), end = new(this, timed: true);
        graph.Replay(); // the first launch of a graph uploads it
        var least = float.MaxValue;
        for (var i = 0; i < Times; i++)
        {
            start.Record(Stream);
            for (var j = 0; j < Replays; j++)
                graph.Replay();
            end.Record(Stream);
            end.Wait();
            least = Math.Min(least, end.MillisecondsSince(start) / Replays);
        }
        return least;
    }

    private CapturedWork? Captured(Func<int> work)
    {
        var status = 0;
        try
        {
            var graph = Capture(() => status = work());
            if (status == 0)
                return graph;
            graph.Dispose();
            return null;
        }
        catch (EngineException)
        {
            return null; // the capture says so; without one the work did no harm
        }
    }

    private sealed class CudaGraph : CapturedWork
    {
        private readonly CudaDevice _device;
        private nint _executable;

        public CudaGraph(CudaDevice device, nint graph)
        {
            _device = device;
            nint executable = 0;
            var result = device.Driver.cuGraphInstantiateWithFlags(&executable, graph, 0);
            _ = device.Driver.cuGraphDestroy(graph); // the executable graph is a copy
            device.Errors.Check(result, "cuGraphInstantiateWithFlags");
            _executable = executable;
        }

        public override void Replay()
        {
            ObjectDisposedException.ThrowIf(_executable == 0, this);
            _device.MakeCurrent();
            _device.Errors.Check(_device.Driver.cuGraphLaunch(_executable, _device.Stream));
        }

        protected override void Dispose(bool disposing)
        {
            if (!disposing || _executable == 0 || _device._disposed)
                return;
            _device.MakeCurrent();
            _ = _device.Driver.cuGraphExecDestroy(_executable);
            _executable = 0;
        }
    }
}
