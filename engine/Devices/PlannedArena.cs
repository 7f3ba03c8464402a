namespace Flixstock.Engine;

/// <summary>
/// Gives the n-th request of every step the n-th address of a plan, so that addresses repeat from step to step and
/// nothing is allocated. Lifetimes that do not overlap share memory.
/// </summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class PlannedArena : TensorArena, IDisposable
{
    private const long Alignment = 256;
    private readonly Device _device;
    private readonly Tensor _memory;
    private readonly bool _ownsMemory;
    private readonly long[] _offsets;
    private readonly long[] _bytes;
    private int _next;
    private bool _disposed;

    /// <summary>Plans addresses for these lifetimes and allocates the memory they need together.</summary>
    /// <param name="device">The device that holds the memory.</param>
    /// <param name="lifetimes">The lifetimes of a dry step.</param>
    /// <param name="shareWith">
    /// An arena whose memory is used too if it is large enough: for steps that never run at the same time. It must live
    /// longer.
    /// </param>
    /// <exception cref="EngineException">The device has not enough memory.</exception>
    public PlannedArena(Device device, IReadOnlyList<TensorLifetime> lifetimes, PlannedArena? shareWith = null)
    {
        _device = device;
        (_offsets, Bytes) = Plan(lifetimes);
        _bytes = [.. lifetimes.Select(lifetime => lifetime.Bytes)];
        _ownsMemory = shareWith is null || shareWith._memory.Bytes < Bytes;
        _memory = !_ownsMemory
            ? shareWith!._memory
            : device.Allocate(
                new Shape(checked((int)(Math.Max(Bytes, Alignment) / Alignment)), (int)Alignment), ElementType.UInt8);
    }

    /// <summary>Memory the plan needs: the peak of a step.</summary>
    public long Bytes { get; }

    /// <inheritdoc />
    public override Tensor Take(Shape shape, ElementType type = ElementType.Float32)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var tensor = new Tensor(0, shape, type);
        if (_next >= _offsets.Length || _bytes[_next] != tensor.Bytes)
        {
            throw new InvalidOperationException(
                $"request {_next} of this step, {shape} of {type}, is not the one that was planned: a step must take "
                    + $"the same tensors in the same order every time");
        }
        return tensor with { Address = _memory.Address + (nint)_offsets[_next++] };
    }

    /// <inheritdoc />
    public override void Release(Tensor tensor) { }

    /// <inheritdoc />
    public override void Reset() => _next = 0;

    /// <summary>Gives the memory back to the device, unless it is another arena's.</summary>
    public void Dispose()
    {
        if (_ownsMemory && !_disposed)
            _device.Free(_memory);
        _disposed = true;
    }

    /// <summary>Places for tensors with these lifetimes, and the memory they need together.</summary>
    // Largest first, each at the lowest offset that no tensor alive at the same time uses.
    internal static (long[] Offsets, long Bytes) Plan(IReadOnlyList<TensorLifetime> lifetimes)
    {
        var offsets = new long[lifetimes.Count];
        var placed = new List<int>();
        long peak = 0;
        foreach (var index in Enumerable.Range(0, lifetimes.Count).OrderByDescending(i => lifetimes[i].Bytes)
            .ThenBy(i => i))
        {
            var neighbours = placed.Where(other => Overlap(lifetimes[other], lifetimes[index]))
                .OrderBy(other => offsets[other]);
            long offset = 0;
            foreach (var other in neighbours)
            {
                if (offset + Aligned(lifetimes[index].Bytes) <= offsets[other])
                    break;
                offset = Math.Max(offset, offsets[other] + Aligned(lifetimes[other].Bytes));
            }
            offsets[index] = offset;
            placed.Add(index);
            peak = Math.Max(peak, offset + Aligned(lifetimes[index].Bytes));
        }
        return (offsets, peak);
    }

    // One spare vector after each tensor: kernels may load (never store) past the last element.
    private static long Aligned(long bytes) => (bytes + 2 * Alignment - 1) / Alignment * Alignment;

    private static bool Overlap(TensorLifetime a, TensorLifetime b) => a.Taken < b.Released && b.Taken < a.Released;
}
