namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class GradientClipFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("gradient_clip.cu", "map[i / (MapElements / V)]", "!map[i / (MapElements / V)]", "GradientClip in 16"),
        new("gradient_clip.cu", "/ lossScale[0]", "* lossScale[0]", "GradientClip in 16"),
        new("gradient_clip.cu", "fminf(1, limit", "fminf(2, limit", "GradientClip limit=1"),
    ];
}
