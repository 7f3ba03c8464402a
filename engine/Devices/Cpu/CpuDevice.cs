using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>The processor: aligned host memory and a set of threads that live as long as the device.</summary>
/// <remarks>Threads: any number.</remarks>
internal sealed unsafe class CpuDevice : Device
{
    private const nuint Alignment = 256;
    private readonly Dictionary<nint, long> _allocations = [];
    private long _bytes;
    private readonly Lock _lock = new();

    /// <summary>Opens the processor.</summary>
    /// <param name="threads">
    /// Threads that share a kernel's work; 0 takes all cores. Results do not depend on it.
    /// </param>
    public CpuDevice(int threads = 0)
    {
        if (threads < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(threads), threads, "the number of threads cannot be negative; 0 means all cores");
        }
        Workers = new WorkerThreads(threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <summary>The threads kernels run on.</summary>
    public WorkerThreads Workers { get; }

    /// <inheritdoc />
    public override string Name => $"CPU, {Workers.Count} threads, {InstructionSet}";

    /// <inheritdoc />
    public override bool IsHost => true;

    /// <summary>The most bytes that were allocated at one time.</summary>
    internal long PeakBytes { get; private set; }

    private static string InstructionSet => Vector512.IsHardwareAccelerated ? "512-bit vectors"
        : Vector256.IsHardwareAccelerated ? "256-bit vectors"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors" : "no vectors";

    /// <inheritdoc />
    public override Tensor Allocate(Shape shape, ElementType type = ElementType.Float32)
    {
        RequireOpen();
        var bytes = (nuint)(shape.Count * type.Size());
        nint address;
        try
        {
            // A tail of one vector, so that a kernel may load past the last element (never store).
            address = (nint)NativeMemory.AlignedAlloc(bytes + Alignment, Alignment);
        }
        catch (OutOfMemoryException e)
        {
            throw new EngineException(
                $"not enough memory: {bytes >> 20} MiB for a tensor of shape {shape} on {Name}", e);
        }
        lock (_lock)
        {
            _allocations.Add(address, (long)bytes);
            PeakBytes = Math.Max(PeakBytes, _bytes += (long)bytes);
        }
        return new Tensor(address, shape, type);
    }

    /// <inheritdoc />
    public override void Free(Tensor tensor)
    {
        if (IsDisposed)
            return; // a device that is gone has freed it
        lock (_lock)
        {
            if (!_allocations.Remove(tensor.Address, out var bytes))
            {
                throw new ArgumentException(
                    $"a tensor of shape {tensor.Shape} was freed twice or never allocated here", nameof(tensor));
            }
            _bytes -= bytes;
        }
        NativeMemory.AlignedFree((void*)tensor.Address);
    }

    /// <inheritdoc />
    public override void CopyFromHost<T>(ReadOnlySpan<T> source, Tensor destination)
    {
        RequireOpen();
        var bytes = MemoryMarshal.AsBytes(source);
        RequireSize(bytes.Length, destination.Bytes, destination.Shape);
        bytes.CopyTo(new Span<byte>((void*)destination.Address, bytes.Length));
    }

    /// <inheritdoc />
    public override void CopyToHost<T>(ReadOnlyTensor source, Span<T> destination)
    {
        RequireOpen();
        var bytes = MemoryMarshal.AsBytes(destination);
        RequireSize(bytes.Length, source.Bytes, source.Shape);
        new ReadOnlySpan<byte>((void*)source.Address, bytes.Length).CopyTo(bytes);
    }

    /// <inheritdoc />
    public override void Copy(ReadOnlyTensor source, Tensor destination)
    {
        RequireOpen();
        RequireSize(source.Bytes, destination.Bytes, destination.Shape);
        Buffer.MemoryCopy((void*)source.Address, (void*)destination.Address, destination.Bytes, source.Bytes);
    }

    /// <inheritdoc />
    public override void Clear(Tensor destination)
    {
        RequireOpen();
        NativeMemory.Clear((void*)destination.Address, (nuint)destination.Bytes);
    }

    /// <inheritdoc />
    public override void Synchronize() { }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Workers.Dispose();
        lock (_lock)
        {
            foreach (var address in _allocations.Keys)
                NativeMemory.AlignedFree((void*)address);
            _allocations.Clear();
        }
    }

    private static void RequireSize(long given, long needed, Shape shape)
    {
        if (given != needed)
        {
            throw new ArgumentException(
                $"copy of {given} bytes to or from a tensor of shape {shape}, which has {needed}");
        }
    }
}
