namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class GradientSumFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("gradient_sum.cu", "map[i / (MapElements / V)]", "!map[i / (MapElements / V)]", "GradientSum Last in 16"),
        new("gradient_sum.cu", "part == FirstPart", "part != FirstPart", "GradientSum First"),
        new("gradient_sum.cu", "part == LastPart", "part == FirstPart", "GradientSum Last"),
    ];
}
