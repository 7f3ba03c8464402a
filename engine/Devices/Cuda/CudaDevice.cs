namespace Flixstock.Engine;

/// <summary>One NVIDIA GPU: memory, streams, modules and launches. Knows nothing about operations.</summary>
public abstract class CudaDevice : Device
{
    // Placeholder of the seam: the members that kernels are launched with. The device itself replaces it.

    /// <summary>Streaming multiprocessors.</summary>
    public abstract int Multiprocessors { get; }

    /// <summary>The kernel <paramref name="name"/> of <c>kernels/<paramref name="file"/>.cu</c>, compiled, loaded and kept from the first request on.</summary>
    public abstract CudaFunction Kernel(string file, string name);

    /// <summary>Queues a kernel on the device's stream.</summary>
    public abstract void Launch(CudaFunction function, in LaunchShape shape, ref KernelArguments arguments);

    /// <summary>Memory for an operation's intermediate results, kept between calls, 256-byte aligned.</summary>
    public abstract nint Scratch(int slot, long bytes);
}
