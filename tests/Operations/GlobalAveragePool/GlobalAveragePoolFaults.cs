namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class GlobalAveragePoolFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("global_average_pool.cu", "{y, inversePixels, channels}", "{y, 1, channels}", "GlobalAveragePoolForward"),
        new(
            "global_average_pool.cu",
            "pack.value[v] += share.value[v]",
            "pack.value[v] = share.value[v]",
            "GlobalAveragePoolBackward"),
    ];
}
