// soft_target_loss: binary cross-entropy with targets from 0 to 1, and its gradient by the logits
//
// A term is log(1 + e^x) - t x, its derivative sigmoid(x) - t; both are 0 where t is below 0, unknown.
//
// logits, gradient   [rows, classes] float
// targets            [rows, classes] float
// parts              [blocks] float, a block's share of the loss, added in a fixed order by soft_target_loss_finish
// 8 bytes read, 4 written a value; one value a thread, grid-stride. H200 at 4.8 TB/s, 512x9605 (4.9 M): 12 us.
// Measured: not yet.
// Twins: engine/Operations/SoftTargetLoss, tools/KernelLab/Cases
#include "common.cuh"

SWEEP_KERNEL soft_target_loss(const float *logits, const float *targets, float *gradient, float *parts, int count)
{
    float sum = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
    {
        const float x = logits[i], t = targets[i];
        const bool known = !(t < 0); // what is not a number stays one
        gradient[i] = known ? 1 / (1 + expf(-x)) - t : 0;
        sum += known ? relu(x) + log1pf(expf(-fabsf(x))) - t * x : 0;
    }
    keep_part(sum, parts);
}

SWEEP_KERNEL soft_target_loss_finish(const float *parts, int count, float *loss) { add_parts(parts, count, loss); }
