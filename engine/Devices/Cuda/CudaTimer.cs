namespace Flixstock.Engine;

/// <summary>Events on the computing stream, kept from one measurement to the next.</summary>
internal sealed class CudaTimer(CudaDevice device) : DeviceTimer
{
    private readonly List<CudaEvent> _events = [];
    private int _used;
    private bool _disposed;

    public override int Mark()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        device.MakeCurrent();
        if (_used == _events.Count)
            _events.Add(new CudaEvent(device, timed: true));
        _events[_used].Record(device.Stream);
        return _used++;
    }

    public override double Milliseconds(int from, int to)
    {
        device.MakeCurrent();
        _events[to].Wait();
        return _events[to].MillisecondsSince(_events[from]);
    }

    public override void Restart() => _used = 0;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _events.ForEach(mark => mark.Dispose());
        _events.Clear();
        _disposed = true;
        base.Dispose(disposing);
    }
}

public sealed unsafe partial class CudaDevice
{
    /// <inheritdoc />
    public override DeviceTimer OpenTimer() => new CudaTimer(this);

    /// <summary>Memory, power and utilisation as NVML reports them now; null if NVML is not installed.</summary>
    internal DeviceLoad? Load => NvmlMonitor.Read(_info.Handle);

    /// <summary>Lets <see cref="PeakBytes"/> begin again from what is allocated now.</summary>
    public void RestartPeak() => PeakBytes = AllocatedBytes;
}
