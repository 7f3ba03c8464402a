namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class SoftTargetLossFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("soft_target_loss.cu", "!(t < 0)", "true", "SoftTargetLoss"),
        new("soft_target_loss.cu", "- t * x : 0", "- x : 0", "SoftTargetLoss"),
    ];
}
