using System.Runtime.InteropServices;

namespace Flixstock.Engine;

public sealed unsafe partial class CudaDevice
{
    private readonly Dictionary<nint, long> _allocations = [];
    private readonly Dictionary<int, (nint Address, long Bytes)> _scratch = [];
    private readonly Lock _lock = new();
    private readonly StagingBuffer _staging;

    /// <summary>Bytes allocated now, scratch memory included.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>The most bytes that were allocated at one time.</summary>
    public long PeakBytes { get; private set; }

    /// <inheritdoc />
    public override Tensor Allocate(Shape shape, ElementType type = ElementType.Float32)
    {
        var tensor = new Tensor(0, shape, type);
        return tensor with { Address = Reserve(tensor.Bytes, $"a tensor of shape {shape}, {type},") };
    }

    /// <inheritdoc />
    public override void Free(Tensor tensor)
    {
        if (_disposed)
            return; // a device that is gone has freed it
        lock (_lock)
        {
            if (!_allocations.Remove(tensor.Address, out var bytes))
            {
                throw new ArgumentException(
                    $"a tensor of shape {tensor.Shape} was freed twice or never allocated here", nameof(tensor));
            }
            AllocatedBytes -= bytes;
        }
        MakeCurrent();
        Errors.Check(Driver.cuMemFree(tensor.Address));
    }

    /// <summary>
    /// Memory for an operation's intermediate results, kept between calls, 256-byte aligned. A slot that grows keeps
    /// its old memory too, because captured graphs continue to use it; warm up before capturing, so that it does not
    /// grow during the capture.
    /// </summary>
    /// <param name="slot">Number of the place.</param>
    /// <param name="bytes">The least size.</param>
    /// <param name="cleared">True: memory that is new is set to 0.</param>
    public nint Scratch(int slot, long bytes, bool cleared = false)
    {
        if (_scratch.TryGetValue(slot, out var kept) && kept.Bytes >= bytes)
            return kept.Address;
        if (_capturing)
        {
            throw new InvalidOperationException(
                $"scratch slot {slot} grows to {bytes} bytes while a graph is captured: run the work once before");
        }
        var grown = Grown(kept.Bytes, bytes);
        var address = Reserve(grown, $"scratch memory of slot {slot}");
        _scratch[slot] = (address, grown);
        if (cleared)
            Errors.Check(Driver.cuMemsetD8Async(address, 0, (nuint)grown, Stream));
        return address;
    }

    internal override IEnumerable<(int Slot, long Bytes)> ScratchSizes =>
        _scratch.Select(slot => (slot.Key, slot.Value.Bytes));

    /// <inheritdoc />
    public override long ReservedBytes { get; }

    /// <inheritdoc />
    public override (long Free, long Total)? Memory
    {
        get
        {
            MakeCurrent();
            nuint free, total;
            Errors.Check(Driver.cuMemGetInfo(&free, &total));
            return ((long)free, (long)total);
        }
    }

    /// <inheritdoc />
    public override void CopyFromHost<T>(ReadOnlySpan<T> source, Tensor destination)
    {
        var bytes = MemoryMarshal.AsBytes(source);
        RequireSize(bytes.Length, destination.Bytes, destination.Shape);
        MakeCurrent();
        Join();
        _staging.ToDevice(bytes, destination.Address);
    }

    /// <inheritdoc />
    public override void CopyToHost<T>(ReadOnlyTensor source, Span<T> destination)
    {
        var bytes = MemoryMarshal.AsBytes(destination);
        RequireSize(bytes.Length, source.Bytes, source.Shape);
        MakeCurrent();
        Join();
        _staging.ToHost(source.Address, bytes);
    }

    /// <inheritdoc />
    public override void Copy(ReadOnlyTensor source, Tensor destination)
    {
        RequireSize(source.Bytes, destination.Bytes, destination.Shape);
        MakeCurrent();
        Join();
        Errors.Check(Driver.cuMemcpyDtoDAsync(destination.Address, source.Address, (nuint)source.Bytes, Stream));
    }

    /// <inheritdoc />
    public override void Clear(Tensor destination)
    {
        MakeCurrent();
        Join();
        Errors.Check(Driver.cuMemsetD8Async(destination.Address, 0, (nuint)destination.Bytes, Stream));
    }

    /// <inheritdoc />
    public override InputChannel OpenInputChannel(long bytes, long answer = 0) =>
        new CudaInputChannel(this, bytes, answer);

    private nint Reserve(long bytes, string what)
    {
        MakeCurrent();
        nint address;
        var result = Driver.cuMemAlloc(&address, (nuint)bytes);
        if (result == CuResult.OutOfMemory)
        {
            var (free, total) = Memory!.Value;
            throw new DeviceMemoryException(bytes, free,
                $"not enough memory on {Name}: {what} needs {Mebibytes(bytes)} MiB, {Mebibytes(free)} of "
                    + $"{Mebibytes(total)} MiB are free; use a smaller {Term.BatchSize} or {Term.ImageSize}");
        }
        Errors.Check(result, $"cuMemAlloc({bytes})");
        lock (_lock)
        {
            _allocations.Add(address, bytes);
            AllocatedBytes += bytes;
            PeakBytes = Math.Max(PeakBytes, AllocatedBytes);
        }
        return address;
    }

    private void FreeAll()
    {
        foreach (var address in _allocations.Keys)
            _ = Driver.cuMemFree(address);
        _allocations.Clear();
        _scratch.Clear();
    }

    private static long Mebibytes(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    private static void RequireSize(long given, long needed, Shape shape)
    {
        if (given != needed)
        {
            throw new ArgumentException(
                $"copy of {given} bytes to or from a tensor of shape {shape}, which has {needed}");
        }
    }
}
