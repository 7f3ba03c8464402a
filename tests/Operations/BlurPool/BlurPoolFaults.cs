namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class BlurPoolFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("blur_pool.cu", "2 * extent - 2 - position", "2 * extent - 1 - position", "BlurPoolForward"),
        new("blur_pool.cu", "tap == 1 ? 0.5f : 0.25f", "tap == 1 ? 0.25f : 0.5f", "BlurPool"),
        new("blur_pool.cu", "tap / 3 - 1, height", "tap / 3, height", "BlurPoolForward"),
    ];
}
