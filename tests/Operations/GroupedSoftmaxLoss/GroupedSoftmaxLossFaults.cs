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
            "slope -= (1 - spread) * (expf(logits[k] - highestAllowed) / allowed);",
            "slope -= 1 - spread;",
            "GroupedSoftmaxLoss groups=1"),
        new(
            "grouped_softmax_loss.cu",
            "chosen == 1 ? smoothing : 0",
            "smoothing",
            "GroupedSoftmaxLoss groups=3 smoothed"),
        new(
            "grouped_softmax_loss.cu",
            "spread * (logf(allowed) - differences / count)",
            "spread * logf(allowed)",
            "GroupedSoftmaxLoss groups=1 smoothed"),
        new(
            "grouped_softmax_loss.cu",
            "/ sum - spread / count",
            "/ sum",
            "GroupedSoftmaxLoss groups=3 smoothed"),
    ];
}
