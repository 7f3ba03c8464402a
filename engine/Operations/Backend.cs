namespace Flixstock.Engine;

/// <summary>A device and the kernels that run on it: chosen once, then handed to models, trainers and predictors.</summary>
/// <param name="device">Memory and copies.</param>
/// <param name="kernels">The operations.</param>
public sealed class Backend(Device device, IKernels kernels) : IDisposable
{
    /// <summary>Memory and copies.</summary>
    public Device Device { get; } = device;

    /// <summary>The operations.</summary>
    public IKernels Kernels { get; } = kernels;

    /// <summary>The processor with SIMD kernels.</summary>
    /// <param name="threads">Threads to use; 0 takes all cores.</param>
    public static Backend Cpu(int threads = 0)
    {
        var device = new CpuDevice(threads);
        return new Backend(device, new CpuKernels(device));
    }

    /// <summary>The processor with plain loops and double accumulators: slow, and the measure of everything else.</summary>
    public static Backend Reference() => new(new CpuDevice(1), new ReferenceKernels());

    /// <summary>A pass over this backend.</summary>
    public Pass NewPass(TensorArena arena, bool training) => new(Kernels, arena, training);

    /// <inheritdoc />
    public void Dispose() => Device.Dispose();
}
