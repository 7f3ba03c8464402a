using Flixstock.Engine;

namespace Flixstock.Samples.CustomNetwork;

/// <summary>
/// Output = First * sigmoid(First), element by element: on the processor's threads, or compiled from CUDA C++.
/// </summary>
internal sealed unsafe class SwishForward() : CustomKernel("SwishForward")
{
    public override void Run(CustomTensors tensors, WorkerThreads? workers)
    {
        var work = new Work((float*)tensors.First.Address, (float*)tensors.Output.Address, tensors.Output.Count);
        Chunks.Run(ref work, work.Count, workers);
    }

    public override void Run(CustomTensors tensors, CudaDevice device) =>
        SwishCuda.Launch(device, "swish_forward", tensors.First, tensors.Output);

    private readonly struct Work(float* x, float* y, long count) : IChunkedWork
    {
        public long Count => count;

        public void Execute(int chunk)
        {
            for (var i = Chunks.First(chunk); i < Chunks.End(chunk, count); i++)
                y[i] = x[i] / (1 + MathF.Exp(-x[i]));
        }
    }
}

/// <summary>Output, dy, becomes dy * (s + x * s * (1 - s)) with s = sigmoid(x) and x = First.</summary>
internal sealed unsafe class SwishBackward() : CustomKernel("SwishBackward")
{
    public override void Run(CustomTensors tensors, WorkerThreads? workers)
    {
        var work = new Work((float*)tensors.First.Address, (float*)tensors.Output.Address, tensors.Output.Count);
        Chunks.Run(ref work, work.Count, workers);
    }

    public override void Run(CustomTensors tensors, CudaDevice device) =>
        SwishCuda.Launch(device, "swish_backward", tensors.First, tensors.Output);

    private readonly struct Work(float* x, float* gradient, long count) : IChunkedWork
    {
        public long Count => count;

        public void Execute(int chunk)
        {
            for (var i = Chunks.First(chunk); i < Chunks.End(chunk, count); i++)
            {
                var s = 1 / (1 + MathF.Exp(-x[i]));
                gradient[i] *= s + x[i] * s * (1 - s);
            }
        }
    }
}

/// <summary>The same on a GPU, for fp32.</summary>
internal static class SwishCuda
{
    private const int Threads = 256;
    private const string Source = """
        extern "C" __global__ void swish_forward(const float* x, float* y, long long count)
        {
            long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
            if (i < count)
                y[i] = x[i] / (1.0f + expf(-x[i]));
        }

        extern "C" __global__ void swish_backward(const float* x, float* gradient, long long count)
        {
            long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
            if (i >= count)
                return;
            float s = 1.0f / (1.0f + expf(-x[i]));
            gradient[i] *= s + x[i] * s * (1.0f - s);
        }
        """;

    // One module for each device that the program opens; it ends with the device.
    private static readonly Dictionary<CudaDevice, KernelModule> Modules = [];

    public static void Launch(CudaDevice device, string kernel, ReadOnlyTensor source, Tensor destination)
    {
        if (source.Type != ElementType.Float32)
        {
            throw new EngineException(
                $"{kernel}: it computes in fp32, the tensor is {source.Type}: train with Precision.Fp32 or Tf32");
        }
        if (!Modules.TryGetValue(device, out var module))
            module = Modules[device] = device.Compile("swish", Source);
        var blocks = (source.Count + Threads - 1) / Threads;
        device.Launch(module.Function(kernel), LaunchShape.Linear(blocks, Threads), source, destination, source.Count);
    }
}

/// <summary>Element-wise work, cut by its length alone: results do not depend on the number of threads.</summary>
internal static class Chunks
{
    private const long Length = 16384;

    public static long First(int chunk) => chunk * Length;

    public static long End(int chunk, long count) => Math.Min(First(chunk) + Length, count);

    public static void Run<T>(ref T work, long count, WorkerThreads? workers) where T : unmanaged, IChunkedWork
    {
        var chunks = (int)((count + Length - 1) / Length);
        if (workers is not null)
        {
            workers.Run(ref work, chunks);
            return;
        }
        for (var chunk = 0; chunk < chunks; chunk++)
            work.Execute(chunk);
    }
}
