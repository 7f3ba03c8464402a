namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class LayerNormFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new("layer_norm.cu", "/ width + epsilon", "/ (width - 1) + epsilon", "LayerNormForward keeps=False"),
        new("layer_norm.cu", "const float sum = shared[0];\n    __syncthreads();", "const float sum = shared[0];",
            "LayerNormForward keeps=True"),
        new("layer_norm.cu", "accumulate ? dx[first + c] + value : value", "value",
            "LayerNormBackwardData accumulate=True"),
        new("layer_norm.cu", "- normalized * ofNormalized", "", "LayerNormBackwardData accumulate=False"),
        new("layer_norm.cu", "db[column] = totals[1]", "db[column] = totals[0]", "LayerNormBackwardWeight"),
    ];
}
