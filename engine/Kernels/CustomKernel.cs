namespace Flixstock.Engine;

/// <summary>
/// A kernel that a program brings along, for its own layer or loss. It is called through <see cref="IKernels.Custom"/>,
/// so that dry
/// steps count its memory without running it, and profiles and checks see it.
/// </summary>
/// <remarks>
/// Threads: one at a time, as the table of operations that it is called through. Work is queued: a step may be captured
/// and replayed, so a kernel must not depend on anything but its tensors and constants.
/// </remarks>
/// <param name="name">Name of the kernel in profiles and messages.</param>
public abstract class CustomKernel(string name)
{
    /// <summary>Name of the kernel in profiles and messages.</summary>
    public string Name { get; } = name;

    /// <summary>Computes in the host's memory: see <see cref="HostTensors"/>.</summary>
    /// <param name="tensors">The tensors that it reads and writes.</param>
    /// <param name="workers">Threads to share the work with; null: the calling thread alone, as in checks.</param>
    public abstract void Run(CustomTensors tensors, WorkerThreads? workers);

    /// <summary>
    /// Queues the kernel on a GPU's stream: compile CUDA C++ with <see cref="CudaDevice.Compile"/> once, then
    /// <see cref="CudaDevice.Launch"/> it.
    /// </summary>
    /// <param name="tensors">The tensors that it reads and writes; activations have the type that each tensor
    /// states.</param>
    /// <param name="device">The GPU to compute on.</param>
    /// <exception cref="EngineException">There is no CUDA version of it.</exception>
    public virtual void Run(CustomTensors tensors, CudaDevice device) => throw new EngineException(
        $"the custom kernel '{Name}' has no CUDA version, and the network computes on {device.Name}: override its Run "
            + $"for GPUs, or compute on the processor");
}

/// <summary>The tensors that a <see cref="CustomKernel"/> reads and writes.</summary>
/// <param name="First">A source, or <see cref="ReadOnlyTensor.None"/>.</param>
/// <param name="Second">Another source, or <see cref="ReadOnlyTensor.None"/>.</param>
/// <param name="Output">A destination, of which the values before the call may be read too.</param>
/// <param name="SecondOutput">Another destination, or <see cref="Tensor.None"/>.</param>
public readonly record struct CustomTensors(
    ReadOnlyTensor First, ReadOnlyTensor Second, Tensor Output, Tensor SecondOutput);
