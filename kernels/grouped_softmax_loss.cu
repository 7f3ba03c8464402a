// grouped_softmax_loss: L = sum of log sum_k exp x_k - log sum_(k in S) exp x_k over pictures and attributes, and its
// gradient by the logits
//
// S are the classes of an attribute that its labels allow: those labelled 1, or where none is, those not labelled 0.
// With one class labelled 1 this is softmax cross entropy. An attribute with nothing known, or nothing allowed,
// contributes nothing. With label smoothing e an attribute with a class labelled 1 contributes (1 - e) of that and
// e (log sum_k exp x_k - mean of x): the same as L + e (log sum_(k in S) exp x_k - mean of x).
//
// logits, gradient   [rows, classes] float
// labels             [rows, classes] signed bytes: 1, 0, -1 unknown
// groups             [groups + 1] int, the first class of every attribute, then `classes`
// smoothing          e, from 0 (none) to below 1
// parts              [blocks] float, a block's share of the loss; grouped_softmax_loss_finish adds them in a fixed
//                    order
// One attribute of one picture a thread, grid-stride; its few classes are read four times, from the first-level cache.
// 5 bytes read, 4 written a value. H200, 256x21 in 3 attributes: bound by the launch. Measured: not yet.
// Twins: engine/Operations/GroupedSoftmaxLoss, tools/KernelLab/Cases
#include "common.cuh"

// What the labels allow: 1 where a class is labelled 1, -1 where only some are excluded, 0 where they say nothing.
__device__ __forceinline__ int allowed_label(const signed char *labels, int count)
{
    bool there = false, unknown = false, excluded = false;
    for (int k = 0; k < count; k++)
    {
        there |= labels[k] == 1;
        unknown |= labels[k] < 0;
        excluded |= labels[k] == 0;
    }
    return there ? 1 : unknown && excluded ? -1 : 0;
}

__device__ __forceinline__ float grouped_term(
    const float *logits, const signed char *labels, int count, float smoothing, float *gradient)
{
    const int chosen = allowed_label(labels, count);
    if (chosen == 0)
    {
        for (int k = 0; k < count; k++)
            gradient[k] = 0;
        return 0;
    }
    // A class that is only not excluded is not known: nothing of it is spread.
    const float spread = chosen == 1 ? smoothing : 0;
    // Each sum has its own largest exponent, so that neither runs over nor to nothing.
    float highest = logits[0], highestAllowed = -__int_as_float(0x7F800000);
    for (int k = 0; k < count; k++)
    {
        highest = fmaxf(highest, logits[k]);
        if (labels[k] == chosen)
            highestAllowed = fmaxf(highestAllowed, logits[k]);
    }
    float sum = 0, allowed = 0, differences = 0;
    for (int k = 0; k < count; k++)
    {
        sum += expf(logits[k] - highest);
        differences += logits[k] - highestAllowed;
        if (labels[k] == chosen)
            allowed += expf(logits[k] - highestAllowed);
    }
    for (int k = 0; k < count; k++)
    {
        float slope = expf(logits[k] - highest) / sum - spread / count;
        if (labels[k] == chosen)
            slope -= (1 - spread) * (expf(logits[k] - highestAllowed) / allowed);
        gradient[k] = slope;
    }
    const float share = (highest - highestAllowed) + (logf(sum) - logf(allowed));
    return spread > 0 ? share + spread * (logf(allowed) - differences / count) : share;
}

SWEEP_KERNEL grouped_softmax_loss(const float *logits, const signed char *labels, const int *groups, float smoothing,
    float *gradient, float *parts, int count, int groupCount, int classes)
{
    float loss = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
    {
        const int group = i % groupCount, first = i / groupCount * classes + groups[group];
        loss += grouped_term(
            logits + first, labels + first, groups[group + 1] - groups[group], smoothing, gradient + first);
    }
    loss = block_sum(loss);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = loss;
}

SWEEP_KERNEL grouped_softmax_loss_finish(const float *parts, int count, float *loss)
{
    float sum = 0;
    for (int i = threadIdx.x; i < count; i += SweepThreads)
        sum += parts[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0)
        loss[0] = sum;
}
