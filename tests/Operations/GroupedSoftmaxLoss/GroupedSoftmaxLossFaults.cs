namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class GroupedSoftmaxLossFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new(
            "grouped_softmax_loss.cu",
            "there |= labels[k] == 1;",
            "there |= labels[k] != 0;",
            "GroupedSoftmaxLoss groups=3"),
        new(
            "grouped_softmax_loss.cu",
            "/ groupCount * classes + groups[group]",
            "/ groupCount * classes",
            "GroupedSoftmaxLoss groups=3"),
        new(
            "grouped_softmax_loss.cu",
            "slope -= expf(logits[k] - highestAllowed) / allowed;",
            "slope -= 1;",
            "GroupedSoftmaxLoss groups=1"),
    ];
}
