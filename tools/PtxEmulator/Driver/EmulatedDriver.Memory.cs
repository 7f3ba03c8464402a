using System.Runtime.InteropServices;
using Flixstock.Engine;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class EmulatedDriver
{
    public CuResult cuMemGetInfo(nuint* free, nuint* total)
    {
        *total = (nuint)_options.MemoryBytes;
        *free = (nuint)(_options.MemoryBytes - Memory.Used);
        return CuResult.Success;
    }

    public CuResult cuMemAlloc(nint* address, nuint bytes)
    {
        if (Queues.InvalidateCaptures())
            return CuResult.StreamCaptureUnsupported;
        if (bytes == 0)
            return CuResult.InvalidValue;
        if ((long)bytes > _options.MemoryBytes - Memory.Used)
            return CuResult.OutOfMemory;
        return Give(address, (nint)Memory.Allocate((long)bytes).Address);
    }

    public CuResult cuMemFree(nint address)
    {
        if (Queues.InvalidateCaptures())
            return CuResult.StreamCaptureUnsupported;
        // The driver waits for the work that may use the memory.
        cuCtxSynchronize();
        return address == 0 || Memory.Free((ulong)address) ? CuResult.Success : CuResult.InvalidValue;
    }

    public CuResult cuMemHostAlloc(nint* address, nuint bytes, uint flags)
    {
        *address = (nint)NativeMemory.AlignedAlloc(bytes, 4096);
        _pinned[*address] = bytes;
        return CuResult.Success;
    }

    public CuResult cuMemFreeHost(nint address)
    {
        if (!_pinned.Remove(address))
            return CuResult.InvalidValue;
        cuCtxSynchronize();
        NativeMemory.AlignedFree((void*)address);
        return CuResult.Success;
    }

    // Memory that is not pinned is read before the call returns; pinned memory when the work's turn comes.
    public CuResult cuMemcpyHtoDAsync(nint destination, void* source, nuint bytes, nint stream)
    {
        if (IsPinned(source, bytes))
            return Queues.Add(stream, "copy to device", () => Receive(destination, source, bytes));
        if (Queues.Streams.TryGetValue(stream, out var known) && known.Capture is { } capture)
        {
            capture.IsInvalid = true;
            return CuResult.StreamCaptureUnsupported;
        }
        var copy = new ReadOnlySpan<byte>(source, checked((int)bytes)).ToArray();
        return Queues.Add(stream, "copy to device", () =>
        {
            fixed (byte* first = copy)
                Receive(destination, first, bytes);
        });
    }

    public CuResult cuMemcpyDtoHAsync(void* destination, nint source, nuint bytes, nint stream)
    {
        var result = Queues.Add(stream, "copy to host", () =>
        {
            Memory.Require((ulong)source, (long)bytes, "copy to host");
            Buffer.MemoryCopy((void*)source, destination, bytes, bytes);
        });
        return result != CuResult.Success || IsPinned(destination, bytes) ? result : cuStreamSynchronize(stream);
    }

    public CuResult cuMemcpyDtoDAsync(nint destination, nint source, nuint bytes, nint stream) =>
        Queues.Compute(stream, "copy on device", () =>
        {
            Memory.Require((ulong)source, (long)bytes, "copy on device, source");
            Receive(destination, (void*)source, bytes);
        });

    public CuResult cuMemsetD8Async(nint destination, byte value, nuint count, nint stream) =>
        Queues.Compute(stream, "memset", () =>
        {
            MarkWritten(destination, (long)count, "memset");
            NativeMemory.Fill((void*)destination, count, value);
        });

    /// <summary>Checks that a range lies in one allocation and notes it as written.</summary>
    public void MarkWritten(nint address, long bytes, string what)
    {
        var allocation = Memory.Require((ulong)address, bytes, what);
        allocation.MarkWritten(address - (nint)allocation.Address, bytes);
    }

    private void Receive(nint destination, void* source, nuint bytes)
    {
        MarkWritten(destination, (long)bytes, "copy to device");
        Buffer.MemoryCopy(source, (void*)destination, bytes, bytes);
    }

    private bool IsPinned(void* address, nuint bytes)
    {
        foreach (var (start, size) in _pinned)
        {
            if ((nint)address >= start && (nint)address + (nint)bytes <= start + (nint)size)
                return true;
        }
        return false;
    }
}
