namespace Flixstock.Tests.Devices.Cuda;

/// <summary>Faults planted in what all kernels share.</summary>
internal sealed class CommonFaults : IPlantedFaults
{
    private const string Sums = "IdentityAbnBackward gamma=1 training=True";

    public IEnumerable<PlantedFault> All =>
    [
        new(
            "reduction.cuh",
            "shared[i * ReduceThreads + thread] = sums[i / V][i % V];\n    __syncthreads();",
            "shared[i * ReduceThreads + thread] = sums[i / V][i % V];",
            "GlobalAveragePoolForward"),
        new(
            "reduction.cuh",
            "for (; pixel < end; pixel += blockDim.y)",
            "for (; pixel < end - 1; pixel += blockDim.y)",
            "GlobalAveragePoolForward"),
        new("reduction.cuh", "* Q * channels + channel;", "* Q * channels + channel + 1;", "GlobalAveragePoolForward"),
        // What the last block must see, and leave for the next launch.
        new("reduction.cuh", "__threadfence(); // covers", "// covers", Sums),
        new(
            "reduction.cuh",
            "    __shared__ bool last;\n    __syncthreads();",
            "    __shared__ bool last;",
            Sums),
        new("reduction.cuh", "atomicExch(counter, 0u);", "atomicExch(counter, 1u);", Sums),
        new("reduction.cuh", "counter, 1u) == blocks - 1", "counter, 1u) == 0", Sums),
        new(
            "reduction.cuh",
            "        __threadfence();\n    }\n    __syncthreads();\n    return last;",
            "    }\n    __syncthreads();\n    return last;",
            Sums),
        new(
            "reduction.cuh", "part < (int)gridDim.y; part", "part < (int)gridDim.y - 1; part",
            Sums),
        new("reduction.cuh", "pixel += Ahead * blockDim.y", "pixel += blockDim.y", Sums),
        new(
            "reduction.cuh", "int other = 1; row == 0", "int other = 2; row == 0",
            Sums),
    ];
}
