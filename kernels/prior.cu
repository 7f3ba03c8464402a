// prior: sums[k] += sum over the batch of sigmoid(logits[n,k]), the estimate of how often a class occurs
//
// logits   [rows, classes] float
// sums     [classes] float, added to
// 32 classes x 16 rows a block, rows in a fixed order: 1 read a value. H200, 256x21: bound by the launch. Measured: not
// yet.
// Twins: engine/Operations/Prior, tools/KernelLab/Cases
#include "reduction.cuh"

FINISH_KERNEL prior_accumulate(const float *logits, int rows, int classes, float *sums)
{
    const int k = blockIdx.x * FinishColumns + threadIdx.x;
    float total[1] = {};
    for (int n = threadIdx.y; k < classes && n < rows; n += FinishRows)
        total[0] += 1 / (1 + expf(-logits[(long long)n * classes + k]));
    if (finish_columns<1>(total, k < classes))
        sums[k] += total[0];
}
