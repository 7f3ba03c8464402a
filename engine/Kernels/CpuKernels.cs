using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>
/// The operations on the processor: SIMD through Vector512, Vector256 or Vector128, work cut into chunks by shape and
/// shared by the device's threads. May be called from several threads. Its parts lie in the operations' folders.
/// </summary>
/// <param name="device">The processor.</param>
/// <param name="exact">Compute every convolution directly, without Winograd's filtering.</param>
/// <remarks>Threads: any number, each on its own tensors; scratch memory belongs to the calling thread.</remarks>
internal sealed unsafe partial class CpuKernels(CpuDevice device, bool exact = false) : IKernels
{
    /// <summary>The threads that share each operation's chunks.</summary>
    internal WorkerThreads Workers { get; } = device.Workers;

    private readonly ConditionalWeakTable<Thread, Scratch> _scratch = [];

    /// <summary>
    /// Memory for an operation's intermediate results, kept between calls. Every calling thread has its own, or two of
    /// them would overwrite each other's.
    /// </summary>
    internal Scratch Scratch => _scratch.TryGetValue(Thread.CurrentThread, out var own)
        ? own
        : _scratch.GetValue(Thread.CurrentThread, _ => new Scratch(device));

    /// <inheritdoc />
    public void Custom(
        CustomKernel kernel, ReadOnlyTensor first, ReadOnlyTensor second, Tensor output, Tensor secondOutput) =>
        kernel.Run(new CustomTensors(first, second, output, secondOutput), Workers);

    // Runs the kernel for every unit and all of its channels.
    private void Sweep<T>(T kernel, int units, int channels) where T : unmanaged, IChannelKernel
    {
        var work = new ChannelSweep<T>(kernel, channels);
        Workers.Run(ref work, units);
    }
}
