namespace Flixstock.Engine;

/// <summary>A point in a stream's work that others can wait for, and that can be timed.</summary>
internal sealed unsafe class CudaEvent : IDisposable
{
    private const uint DisableTiming = 2;
    private readonly CudaDevice _device;
    private nint _handle;
    private bool _recorded;

    public CudaEvent(CudaDevice device, bool timed = false)
    {
        _device = device;
        device.MakeCurrent();
        nint handle;
        device.Errors.Check(device.Driver.cuEventCreate(&handle, timed ? 0 : DisableTiming));
        _handle = handle;
    }

    /// <summary>Marks the end of what is queued on a stream now.</summary>
    public void Record(nint stream)
    {
        _device.Errors.Check(_device.Driver.cuEventRecord(_handle, stream));
        _recorded = true;
    }

    /// <summary>Lets a stream's further work wait; does nothing if the event was never recorded.</summary>
    public void Hold(nint stream)
    {
        if (_recorded)
            _device.Errors.Check(_device.Driver.cuStreamWaitEvent(stream, _handle, 0));
    }

    /// <summary>Lets the host wait; does nothing if the event was never recorded.</summary>
    public void Wait()
    {
        if (_recorded)
            _device.Errors.Check(_device.Driver.cuEventSynchronize(_handle));
    }

    /// <summary>Milliseconds from an earlier event to this one; both were made to be timed and have passed.</summary>
    public float MillisecondsSince(CudaEvent earlier)
    {
        float milliseconds;
        _device.Errors.Check(_device.Driver.cuEventElapsedTime(&milliseconds, earlier._handle, _handle));
        return milliseconds;
    }

    public void Dispose()
    {
        if (_handle != 0)
            _ = _device.Driver.cuEventDestroy(_handle);
        _handle = 0;
    }
}
