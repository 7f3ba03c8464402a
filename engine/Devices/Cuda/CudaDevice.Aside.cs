namespace Flixstock.Engine;

// A second stream for work that may be done next to the first one's. Whoever waits for the device, or moves memory,
// waits for both.
public sealed unsafe partial class CudaDevice
{
    private CudaEvent? _fork, _forkEnd;
    private bool _forked;

    internal override bool Overlaps => true;

    /// <summary>CUstream next to <see cref="Stream"/>.</summary>
    private nint _asideStream;

    /// <summary>The second stream, which waits for everything that is queued now.</summary>
    internal nint Fork()
    {
        Join();
        _fork!.Record(Stream);
        _fork.Hold(_asideStream);
        return _asideStream;
    }

    /// <summary>Everything is queued on the second stream that <see cref="Join"/> waits for.</summary>
    internal void ForkEnds()
    {
        _forkEnd!.Record(_asideStream);
        _forked = true;
    }

    /// <summary>Lets what is queued from now on wait for the second stream.</summary>
    internal void Join()
    {
        if (!_forked)
            return;
        _forkEnd!.Hold(Stream);
        _forked = false;
    }

    private void OpenAside()
    {
        nint stream;
        Errors.Check(Driver.cuStreamCreate(&stream, NonBlockingStream));
        _asideStream = stream;
        (_fork, _forkEnd) = (new CudaEvent(this), new CudaEvent(this));
    }

    private void CloseAside()
    {
        _fork?.Dispose();
        _forkEnd?.Dispose();
        _ = Driver.cuStreamDestroy(_asideStream);
    }
}
