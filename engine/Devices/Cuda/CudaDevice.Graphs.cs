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
        Errors.Check(Driver.cuStreamBeginCapture(Stream, ThreadLocalCapture));
        nint graph = 0;
        var complete = false;
        _capturing = true;
        try
        {
            work();
            complete = true;
        }
        finally
        {
            _capturing = false;
            var result = Driver.cuStreamEndCapture(Stream, &graph);
            if (!complete && graph != 0)
                _ = Driver.cuGraphDestroy(graph); // the exception on its way says what went wrong
            else if (complete)
                Errors.Check(result, "cuStreamEndCapture");
        }
        return new CudaGraph(this, graph);
    }

    /// <summary>Milliseconds of work, the least of several times.</summary>
    /// <param name="work">Queues it and returns a library's status.</param>
    /// <returns>Null if it is refused, or cannot be captured.</returns>
    internal float? Time(Func<int> work)
    {
        const int Times = 3;
        if (work() != 0 || !IsCapturable(work))
            return null;
        using CudaEvent start = new(this, timed: true), end = new(this, timed: true);
        var least = float.MaxValue;
        for (var i = 0; i < Times; i++)
        {
            start.Record(Stream);
            if (work() != 0)
                return null;
            end.Record(Stream);
            end.Wait();
            least = Math.Min(least, end.MillisecondsSince(start));
        }
        return least;
    }

    private bool IsCapturable(Func<int> work)
    {
        var status = 0;
        try
        {
            Capture(() => status = work()).Dispose();
            return status == 0;
        }
        catch (EngineException)
        {
            return false; // the capture says so; without one the work did no harm
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
