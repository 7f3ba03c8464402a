namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class PartialLossFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("partial_loss.cu", "2 * lambda - 3 * p", "2 * lambda - 2 * p", "PartialLoss Hill"),
        new("partial_loss.cu", "position[0] >= firstEpoch", "position[1] >= firstEpoch", "PartialLoss Splc"),
        new("partial_loss.cu", "between(mu0, mu1, now)", "between(mu0, mu1, before)", "PartialLoss Gr"),
        new("partial_loss.cu", "* (share < Whole ? share : Whole) + Whole - 1", "* share", "PartialLoss LargeLossR"),
        new("partial_loss.cu", "before < most ? before : most", "before", "PartialLoss LargeLossCp"),
        new("partial_loss.cu", "(1 - target) * absent.slope", "target * absent.slope", "PartialLoss EmApl"),
        new("partial_loss.cu", "return corrects ?", "return !corrects ?", "PartialLoss LargeLossCt"),
        new("selection.cuh", "own - count < remaining", "own - count <= remaining", "PartialLoss LargeLossCt classes"),
    ];
}
