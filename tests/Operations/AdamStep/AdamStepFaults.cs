namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class AdamStepFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("adam_step.cu", "averageDecay = row[4]", "averageDecay = row[5]", "AdamStep skipped=0"),
    ];
}
