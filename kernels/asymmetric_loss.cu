// asymmetric_loss: L = -sum A * (t log max(p, eps) + (1 - t) log max(q, eps)) and its gradient by the logits
//
// p = sigmoid(x), q = min(1 - p + clip, 1), A = (1 - p t - q (1 - t)) ^ (gammaPositive t + gammaNegative (1 - t))   (Ridnik et al. 2021)
//
// logits, gradient   [count] float
// labels             [count] signed bytes
// parts              [blocks] float, a block's share of the loss; asymmetric_loss_finish adds them in a fixed order
// 5 bytes read, 4 written a value; one value a thread, grid-stride. H200, 512x9605: 9 us by bytes, the powers cost more. Measured: not yet.
// Twins: engine/Operations/AsymmetricLoss, tests/Devices/Cuda, tools/KernelLab/Cases
#include "common.cuh"

SWEEP_KERNEL asymmetric_loss(
    const float *logits, const signed char *labels, float gammaNegative, float gammaPositive, float clip, float epsilon, int focusIsConstant,
    float *gradient, float *parts, int count)
{
    float sum = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
    {
        const float t = labels[i], p = 1 / (1 + expf(-logits[i])), complement = 1 - p;
        const float shifted = clip > 0 ? complement + clip : complement, q = fminf(shifted, 1);
        const float log = t * logf(fmaxf(p, epsilon)) + (1 - t) * logf(fmaxf(q, epsilon));
        const float slopeOfProbability = p * complement;
        float slopeOfLog = 0;
        if (p >= epsilon)
            slopeOfLog += t * complement;
        if (q >= epsilon && shifted <= 1)
            slopeOfLog -= (1 - t) * slopeOfProbability / q;
        const float gamma = gammaPositive * t + gammaNegative * (1 - t);
        const float distance = 1 - p * t - q * (1 - t);
        const float focus = powf(distance, gamma);
        float slope = focus * slopeOfLog;
        if (!focusIsConstant && gamma != 0)
        {
            const float slopeOfDistance = -t * slopeOfProbability + (shifted <= 1 ? (1 - t) * slopeOfProbability : 0);
            slope += gamma * powf(distance, gamma - 1) * slopeOfDistance * log;
        }
        gradient[i] = -slope;
        sum -= focus * log;
    }
    keep_part(sum, parts);
}

SWEEP_KERNEL asymmetric_loss_finish(const float *parts, int count, float *loss) { add_parts(parts, count, loss); }
