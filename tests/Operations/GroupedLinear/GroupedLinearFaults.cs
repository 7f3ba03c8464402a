namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class GroupedLinearFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new(
            "grouped_linear.cu", "max(0, min(perGroup, outputs - group * perGroup))", "perGroup",
            "GroupedLinearForward perGroup=40"),
        new(
            "grouped_linear.cu", "max(0, min(perGroup, outputs - group * perGroup))", "perGroup",
            "GroupedLinearBackwardWeight perGroup=3"),
        new("grouped_linear.cu", "sum + (bias != nullptr", "sum + (bias == nullptr", "GroupedLinearForward perGroup=1"),
        new(
            "grouped_linear.cu", "accumulate ? *destination + sum : sum", "sum",
            "GroupedLinearBackwardData perGroup=3 accumulate=True"),
        new(
            "grouped_linear.cu", "row < width && column < perGroup", "row < width && column < count",
            "GroupedLinearBackwardWeight perGroup=3"),
        new("grouped_linear.cu", "biasGradient[column] = total[0]", "biasGradient[column] = 0",
            "GroupedLinearBackwardWeight perGroup=3 bias=True"),
    ];
}
