namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class PriorFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("prior.cu", "expf(-logits", "expf(logits", "PriorAccumulate"),
        new("prior.cu", "sums[k] += total[0]", "sums[k] = total[0]", "PriorAccumulate"),
    ];
}
