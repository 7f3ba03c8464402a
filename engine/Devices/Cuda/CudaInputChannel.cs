using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>Pinned memory, and events between the copying stream and the computing one.</summary>
internal sealed unsafe class CudaInputChannel : InputChannel
{
    private const int Alignment = 256, AnswerBytes = 64;
    private readonly CudaDevice _device;
    private readonly long _bytes, _answer;
    private readonly CudaEvent _sent, _read;
    private nint _memory;
    private long _used;
    private int _asked; // bytes of the whole tensor

    public CudaInputChannel(CudaDevice device, long bytes, long answer = 0)
    {
        (_device, _bytes, _answer) = (device, bytes + 4 * Alignment, answer);
        var all = _bytes + AnswerBytes + answer;
        nint memory;
        device.MakeCurrent();
        device.Errors.Check(
            device.Driver.cuMemHostAlloc(&memory, (nuint)all, 0), $"cuMemHostAlloc({all})");
        _memory = memory;
        (_sent, _read) = (new CudaEvent(device), new CudaEvent(device));
    }

    public override void Begin()
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        _device.MakeCurrent();
        _sent.Wait();
        _read.Hold(_device.CopyStream);
        _used = 0;
    }

    public override void Send<T>(ReadOnlySpan<T> source, Tensor destination)
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        var bytes = MemoryMarshal.AsBytes(source);
        if (bytes.Length != destination.Bytes || _used + bytes.Length > _bytes)
        {
            throw new ArgumentException($"{bytes.Length} bytes for a tensor of shape {destination.Shape} with "
                + $"{destination.Bytes}, {_bytes - _used} left in the channel");
        }
        var pinned = (byte*)_memory + _used;
        bytes.CopyTo(new Span<byte>(pinned, bytes.Length));
        _device.Errors.Check(
            _device.Driver.cuMemcpyHtoDAsync(destination.Address, pinned, (nuint)bytes.Length, _device.CopyStream),
            $"cuMemcpyHtoDAsync({bytes.Length})");
        _used += (bytes.Length + Alignment - 1) / Alignment * Alignment;
    }

    public override void Arrive()
    {
        _sent.Record(_device.CopyStream);
        _sent.Hold(_device.Stream);
    }

    public override void Ask(ReadOnlyTensor source, int slot) => _device.Errors.Check(
        _device.Driver.cuMemcpyDtoHAsync(
            (byte*)_memory + _bytes + slot * sizeof(int), source.Address, sizeof(int), _device.Stream),
        "cuMemcpyDtoHAsync(4)");

    public override void Release() => _read.Record(_device.Stream);

    public override int Answer(int slot)
    {
        _device.MakeCurrent();
        _read.Wait();
        return ((int*)(_memory + (nint)_bytes))[slot];
    }

    public override void AskAll(ReadOnlyTensor source)
    {
        if (source.Bytes > _answer)
            throw new ArgumentException($"{source.Bytes} bytes are asked of a channel that has room for {_answer}");
        _asked = (int)source.Bytes;
        _device.Errors.Check(
            _device.Driver.cuMemcpyDtoHAsync(
                (byte*)_memory + _bytes + AnswerBytes, source.Address, (nuint)_asked, _device.Stream),
            $"cuMemcpyDtoHAsync({_asked})");
    }

    public override ReadOnlySpan<byte> AnswerAll()
    {
        _device.MakeCurrent();
        _read.Wait();
        return new ReadOnlySpan<byte>((byte*)_memory + _bytes + AnswerBytes, _asked);
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _memory == 0 || _device.IsDisposed)
            return;
        _device.MakeCurrent();
        _sent.Wait();
        _read.Wait();
        _sent.Dispose();
        _read.Dispose();
        _ = _device.Driver.cuMemFreeHost(_memory);
        _memory = 0;
    }
}
