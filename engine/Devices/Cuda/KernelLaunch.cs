using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>Grid, block and dynamic shared memory of a launch.</summary>
public readonly record struct LaunchShape(uint GridX, uint GridY, uint GridZ, uint BlockX, uint BlockY = 1, uint BlockZ = 1, uint SharedBytes = 0)
{
    /// <summary>A one-dimensional launch.</summary>
    public static LaunchShape Linear(long blocks, int threads, int sharedBytes = 0) => new(checked((uint)blocks), 1, 1, (uint)threads, 1, 1, (uint)sharedBytes);
}

/// <summary>A kernel of a loaded module.</summary>
/// <param name="Handle">CUfunction</param>
/// <param name="Name">As in the source: <c>abn_apply_f16</c>.</param>
public readonly record struct CudaFunction(nint Handle, string Name);

/// <summary>
/// The arguments of one launch, in the kernel's order: pointers, 32-bit integers, 64-bit integers and singles. Lives on the stack; a launch copies it.
/// </summary>
public ref struct KernelArguments
{
    /// <summary>Most arguments a kernel may have.</summary>
    public const int Most = 32;

    private Slots _slots;
    private Sizes _sizes;

    [InlineArray(Most)]
    private struct Slots { private ulong _first; }

    [InlineArray(Most)]
    private struct Sizes { private byte _first; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>A device address.</summary>
    public void Add(nint address) => Append((ulong)address, 8);

    /// <summary>A source's device address; 0 for none.</summary>
    public void Add(ReadOnlyTensor tensor) => Append((ulong)tensor.Address, 8);

    /// <summary>A destination's device address; 0 for none.</summary>
    public void Add(Tensor tensor) => Append((ulong)tensor.Address, 8);

    /// <summary>An <c>int</c>.</summary>
    public void Add(int value) => Append((uint)value, 4);

    /// <summary>A <c>long long</c>.</summary>
    public void Add(long value) => Append((ulong)value, 8);

    /// <summary>A <c>float</c>.</summary>
    public void Add(float value) => Append(BitConverter.SingleToUInt32Bits(value), 4);

    /// <summary>An <c>int</c>, 0 or 1.</summary>
    public void Add(bool value) => Append(value ? 1u : 0u, 4);

    /// <summary>Bytes of argument <paramref name="index"/>: 4 or 8.</summary>
    public readonly int Size(int index) => _sizes[index];

    /// <summary>The bits of argument <paramref name="index"/>.</summary>
    public readonly ulong Bits(int index) => _slots[index];

    private void Append(ulong bits, byte size)
    {
        if (Count == Most)
            throw new InvalidOperationException($"a kernel has more than {Most} arguments");
        _slots[Count] = bits;
        _sizes[Count++] = size;
    }
}

/// <summary>Sees a launch.</summary>
/// <param name="function">The kernel.</param>
/// <param name="shape">Grid and block.</param>
/// <param name="arguments">In the kernel's order.</param>
internal delegate void LaunchObserver(CudaFunction function, in LaunchShape shape, in KernelArguments arguments);
