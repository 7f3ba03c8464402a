// grouped_linear: a linear layer whose outputs are divided into groups, each of which reads a vector of its own (the
// group fully connected layer of ML-Decoder, Ridnik et al. 2021)
//
// y[n, g * perGroup + f] = sum over d of x[n, g, d] * w[g, d, f] + bias[g * perGroup + f]; outputs from outputs on are
// cut off, so that the last groups have fewer than perGroup, or none
//
// x, dx          [rows, groups, width] float
// w, dw          [groups, width, perGroup] float; dw is 0 where the outputs are cut off
// y, dy          [rows, outputs] float
// bias, db       [outputs] float, or nullptr
// Any count; fp32 as everything in the head.
//
// grouped_linear_forward, _backward_data, _backward_weight
//   a product of matrices for each group, 16 x 16 elements a block (tile_product.cuh), grid x columns, y rows, z group
// grouped_linear_bias_gradient
//   column sums of dy: 32 columns x 16 rows a block, rows in a fixed order
// 128 rows, 100 groups, 768 wide, 97 outputs each: 1.9 GFLOP and 74 MB. H200: 15 us if memory bound it, the products
// about 0.1 ms; with one output a group 15 of 16 threads have none, but there is little to do. Strided batched products
// of cuBLAS could take over the groups that are whole later. Measured: not yet.
// Twins: engine/Operations/GroupedLinear, tools/KernelLab/Cases
#include "reduction.cuh"
#include "tile_product.cuh"

// Outputs of a group that are not cut off.
__device__ __forceinline__ int outputs_of(int group, int perGroup, int outputs)
{
    return max(0, min(perGroup, outputs - group * perGroup));
}

SWEEP_KERNEL grouped_linear_forward(const float *x, const float *w, const float *bias, float *y, int rows, int groups,
    int width, int perGroup, int outputs)
{
    const int firstRow = blockIdx.y * ProductTile, firstColumn = blockIdx.x * ProductTile;
    const int row = firstRow + threadIdx.y, column = firstColumn + threadIdx.x;
    for (int group = blockIdx.z; group < groups; group += gridDim.z)
    {
        const int count = outputs_of(group, perGroup, outputs);
        const Operand<float, false> a = {x + (long long)group * width, (long long)groups * width, rows};
        const Operand<float, true> b = {w + (long long)group * width * perGroup, perGroup, count};
        const float sum = tile_product(a, b, width, firstRow, firstColumn);
        const int output = group * perGroup + column;
        if (row < rows && column < count)
            y[(long long)row * outputs + output] = sum + (bias != nullptr ? bias[output] : 0);
    }
}

SWEEP_KERNEL grouped_linear_backward_data(const float *dy, const float *w, int accumulate, float *dx, int rows,
    int groups, int width, int perGroup, int outputs)
{
    const int firstRow = blockIdx.y * ProductTile, firstColumn = blockIdx.x * ProductTile;
    const int row = firstRow + threadIdx.y, column = firstColumn + threadIdx.x;
    for (int group = blockIdx.z; group < groups; group += gridDim.z)
    {
        const int count = outputs_of(group, perGroup, outputs);
        const Operand<float, false> a = {dy + (long long)group * perGroup, outputs, rows};
        const Operand<float, false> b = {w + (long long)group * width * perGroup, perGroup, width};
        const float sum = tile_product(a, b, count, firstRow, firstColumn);
        if (row < rows && column < width)
        {
            float *destination = dx + ((long long)row * groups + group) * width + column;
            *destination = accumulate ? *destination + sum : sum;
        }
    }
}

SWEEP_KERNEL grouped_linear_backward_weight(
    const float *x, const float *dy, float *dw, int rows, int groups, int width, int perGroup, int outputs)
{
    const int firstRow = blockIdx.y * ProductTile, firstColumn = blockIdx.x * ProductTile;
    const int row = firstRow + threadIdx.y, column = firstColumn + threadIdx.x;
    for (int group = blockIdx.z; group < groups; group += gridDim.z)
    {
        const int count = outputs_of(group, perGroup, outputs);
        const Operand<float, true> a = {x + (long long)group * width, (long long)groups * width, width};
        const Operand<float, true> b = {dy + (long long)group * perGroup, outputs, count};
        const float sum = tile_product(a, b, rows, firstRow, firstColumn); // 0 where the output is cut off
        if (row < width && column < perGroup)
            dw[((long long)group * width + row) * perGroup + column] = sum;
    }
}

FINISH_KERNEL grouped_linear_bias_gradient(const float *dy, int rows, int outputs, float *biasGradient)
{
    const int column = blockIdx.x * FinishColumns + threadIdx.x;
    float total[1];
    if (sum_parts<1>(dy, rows, outputs, column, total))
        biasGradient[column] = total[0];
}
