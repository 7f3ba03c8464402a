namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class AveragePoolFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("average_pool.cu", "min(top + 2, height)", "top + 2", "AveragePoolForward"),
        new("average_pool.cu", "1.0f / ((bottom - top) * (right - left))", "0.25f", "AveragePoolForward"),
        new("average_pool.cu", "row < pictures * outHeight", "row < pictures * outHeight - 1", "AveragePoolForward"),
        new("average_pool.cu", "if (accumulate)", "if (!accumulate)", "AveragePoolBackward"),
        new("average_pool.cu", "outWidth + w / 2)", "outWidth + w)", "AveragePoolBackward"),
    ];
}
