namespace Flixstock.Tests.Operations;

/// <summary>Faults planted in the kernels of this operation.</summary>
internal sealed class AttentionFaults : IPlantedFaults
{
    public IEnumerable<PlantedFault> All =>
    [
        new(
            "tile_product.cuh",
            "bring(firstColumn, k, depth, columns);\n        __syncthreads();",
            "bring(firstColumn, k, depth, columns);",
            "AttentionValuesForward heads=2"),
        new(
            "tile_product.cuh",
            "columns[threadIdx.x][i];\n        __syncthreads();",
            "columns[threadIdx.x][i];",
            "AttentionValuesForward heads=2"),
        new("tile_product.cuh", "(k + y) * stride + i + x", "(k + y) * stride + i", "AttentionValuesForward heads=2"),
        new("tile_product.cuh", "i + y < count && k + x < depth", "k + x < depth", "AttentionWeightsForward heads=2"),
        new("attention.cu", "+ item % heads) * width", ") * width", "AttentionWeightsForward heads=2"),
        new("attention.cu", "= factor * sum;", "= sum;", "AttentionWeightsForward heads=2"),
        new(
            "attention.cu", "item < items; item += gridDim.z)", "item < items - 1; item += gridDim.z)",
            "AttentionWeightsForward heads=2"),
        new("attention.cu", "expf(values[i] - largest)", "expf(values[i])", "AttentionWeightsForward large scores"),
        new(
            "attention.cu", "largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFF, largest, distance));", ";",
            "AttentionWeightsForward large scores"),
        new("attention.cu", "p[i] * (values[i] - sum)", "p[i] * values[i]", "AttentionWeightsBackward heads=1"),
        new("attention.cu", "sum = warp_sum(sum);", "", "AttentionWeightsBackward heads=1"),
        new(
            "attention.cu", "queries * pixels, pixels, pixels};", "queries * pixels, queries, pixels};",
            "AttentionValuesBackward heads=2"),
    ];
}
