namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class SpaceToDepthFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("space_to_depth.cu", "threadIdx.x / 255.0f", "threadIdx.x / 256.0f", "SpaceToDepthForward of bytes"),
        new("space_to_depth.cu", "channel + 4 * half, block", "channel, block", "SpaceToDepthForward of bytes"),
        new("space_to_depth.cu", "q * run + channel % run", "q * run + channel", "SpaceToDepthForward"),
        new(
            "space_to_depth.cu",
            "*destination + pack.value[v] : pack.value[v]",
            "pack.value[v] : pack.value[v]",
            "SpaceToDepthBackward"),
    ];
}
