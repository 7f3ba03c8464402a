namespace Flixstock.Engine;

/// <summary>
/// Pinned host memory between the caller's arrays and a device, in two halves: one is filled while the other is on its
/// way. Copies are queued on the computing stream, so they come after the work before them.
/// </summary>
internal sealed unsafe class StagingBuffer : IDisposable
{
    private const int HalfBytes = 4 << 20;
    private readonly CudaDevice _device;
    private readonly nint _memory;
    private readonly CudaEvent[] _sent;
    private readonly Lock _lock = new();
    private int _next;

    public StagingBuffer(CudaDevice device)
    {
        _device = device;
        nint memory;
        device.Errors.Check(
            device.Driver.cuMemHostAlloc(&memory, 2 * HalfBytes, 0), $"cuMemHostAlloc({2 * HalfBytes})");
        _memory = memory;
        _sent = [new CudaEvent(device), new CudaEvent(device)];
    }

    /// <summary>Returns as soon as the source may be reused.</summary>
    public void ToDevice(ReadOnlySpan<byte> source, nint destination)
    {
        lock (_lock)
        {
            while (source.Length > 0)
            {
                var bytes = Math.Min(source.Length, HalfBytes);
                var half = _memory + _next * HalfBytes;
                _sent[_next].Wait();
                source[..bytes].CopyTo(new Span<byte>((void*)half, bytes));
                _device.Errors.Check(
                    _device.Driver.cuMemcpyHtoDAsync(destination, (void*)half, (nuint)bytes, _device.Stream),
                    $"cuMemcpyHtoDAsync({bytes})");
                _sent[_next].Record(_device.Stream);
                source = source[bytes..];
                (destination, _next) = (destination + bytes, 1 - _next);
            }
        }
    }

    /// <summary>Waits for the work before, and for the copy.</summary>
    public void ToHost(nint source, Span<byte> destination)
    {
        lock (_lock)
        {
            while (destination.Length > 0)
            {
                var bytes = Math.Min(destination.Length, HalfBytes);
                _sent[0].Wait();
                _device.Errors.Check(
                    _device.Driver.cuMemcpyDtoHAsync((void*)_memory, source, (nuint)bytes, _device.Stream),
                    $"cuMemcpyDtoHAsync({bytes})");
                _device.Errors.Check(_device.Driver.cuStreamSynchronize(_device.Stream));
                new ReadOnlySpan<byte>((void*)_memory, bytes).CopyTo(destination);
                destination = destination[bytes..];
                source += bytes;
            }
        }
    }

    public void Dispose()
    {
        foreach (var sent in _sent)
            sent.Dispose();
        _ = _device.Driver.cuMemFreeHost(_memory);
    }
}
