using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>Grid, block and dynamic shared memory of a launch.</summary>
public readonly record struct LaunchShape(
    uint GridX, uint GridY, uint GridZ, uint BlockX, uint BlockY = 1, uint BlockZ = 1, uint SharedBytes = 0)
{
    /// <summary>A one-dimensional launch.</summary>
    public static LaunchShape Linear(long blocks, int threads, int sharedBytes = 0) =>
        new(checked((uint)blocks), 1, 1, (uint)threads, 1, 1, (uint)sharedBytes);
}

/// <summary>A kernel of a loaded module.</summary>
/// <param name="Handle">CUfunction handle.</param>
/// <param name="Name">Name in the source: <c>abn_apply_f16</c>.</param>
public readonly record struct CudaFunction(nint Handle, string Name);

/// <summary>
/// One argument of a kernel: a device address, a 32-bit integer, a 64-bit integer or a single. Made from each of them
/// by conversion, so that a launch lists them in the kernel's order.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct KernelArgument
{
    private KernelArgument(ulong bits, int size) => (Bits, Size) = (bits, size);

    /// <summary>
    /// The value's bits, in the lower half if it has 4 bytes. First in memory: the driver reads it from here.
    /// </summary>
    public ulong Bits { get; }

    /// <summary>Bytes of the kernel's parameter: 4 or 8.</summary>
    public int Size { get; }

    /// <summary>A device address.</summary>
    public static implicit operator KernelArgument(nint address) => new((ulong)address, 8);

    /// <summary>A source's device address; 0 for none.</summary>
    public static implicit operator KernelArgument(ReadOnlyTensor tensor) => new((ulong)tensor.Address, 8);

    /// <summary>A destination's device address; 0 for none.</summary>
    public static implicit operator KernelArgument(Tensor tensor) => new((ulong)tensor.Address, 8);

    /// <summary>An <c>int</c>.</summary>
    public static implicit operator KernelArgument(int value) => new((uint)value, 4);

    /// <summary>A <c>long long</c>.</summary>
    public static implicit operator KernelArgument(long value) => new((ulong)value, 8);

    /// <summary>A <c>float</c>.</summary>
    public static implicit operator KernelArgument(float value) => new(BitConverter.SingleToUInt32Bits(value), 4);

    /// <summary>An <c>int</c>, 0 or 1.</summary>
    public static implicit operator KernelArgument(bool value) => new(value ? 1u : 0u, 4);
}

/// <summary>Observes a launch.</summary>
/// <param name="function">The kernel.</param>
/// <param name="shape">Grid and block of the launch.</param>
/// <param name="arguments">The arguments in the kernel's order.</param>
internal delegate void LaunchObserver(
    CudaFunction function, in LaunchShape shape, ReadOnlySpan<KernelArgument> arguments);
