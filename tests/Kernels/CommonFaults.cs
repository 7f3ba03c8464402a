namespace Flixstock.Tests.Devices.Cuda;

/// <summary>Faults planted in what all kernels share.</summary>
internal sealed class CommonFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new(
            "common.cuh",
            "shared[i * ReduceThreads + thread] = sums[i / V][i % V];\n    __syncthreads();",
            "shared[i * ReduceThreads + thread] = sums[i / V][i % V];",
            "GlobalAveragePoolForward"),
        new(
            "common.cuh",
            "pixel < end; pixel += blockDim.y)\n            work.add",
            "pixel < end - 1; pixel += blockDim.y)\n            work.add",
            "GlobalAveragePoolForward"),
        new("common.cuh", "* Q * channels + channel;", "* Q * channels + channel + 1;", "GlobalAveragePoolForward"),
    ];
}
