namespace Flixstock.Engine;

/// <summary>
/// The operations on the processor: SIMD through Vector512, Vector256 or Vector128, work cut into chunks by shape and shared by the device's threads.
/// Its parts lie in the operations' folders.
/// </summary>
public sealed unsafe partial class CpuKernels(CpuDevice device) : IKernels
{
    /// <summary>The threads that share each operation's chunks.</summary>
    internal WorkerThreads Workers { get; } = device.Workers;

    /// <summary>Memory for an operation's intermediate results, kept between calls.</summary>
    internal Scratch Scratch { get; } = new(device);

    // Runs the kernel for every unit and all of its channels.
    private void Sweep<T>(T kernel, int units, int channels) where T : unmanaged, IChannelKernel
    {
        var work = new ChannelSweep<T>(kernel, channels);
        Workers.Run(ref work, units);
    }
}
