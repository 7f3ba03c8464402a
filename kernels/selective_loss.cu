// selective_loss: L = -sum w alpha A log max(p or q, 1e-8) and its gradient by the logits (Ben-Baruch et al. 2022), one
// launch sequence, no host wait
//
// p = sigmoid(x), q = min(1 - p + clip, 1); A = (1 - p) ^ gammaPositive for positives, (1 - q) ^ gamma for the others;
// A is a constant for the gradient w = 0 for labels that are left out: un-annotated ones in mode ignore; in mode
// selective those of classes with a high prior, and the `count` most likely un-annotated ones of the whole batch,
// highest logit first, ties by lower index.
//
// logits, gradient, weights   [rows, classes] float; weights may be nullptr
// labels                      [rows, classes] signed bytes: 1, 0, -1 unknown
// prior                       [classes] float, or nullptr
// state                       selection; after the 8 passes `prefix` is the lowest rank that is left out
// annotated                   [rows] int, only in mode 3
// parts                       [blocks] float, a block's share of the loss, added in a fixed order by
//                             selective_loss_finish
//
// The selection is that of selection.cuh; small batches take selective_select.
// 5 bytes read a pass, at the end 5 read, 4 written a value; one value a thread, grid-stride.
// H200 at 4.8 TB/s, 512x9605 (4.9 M): 8 x 5.1 + 9.2 us; 8x21: 3 launches. Measured: not yet.
// Twins: engine/Operations/SelectiveLoss, tools/KernelLab/Cases
#include "selection.cuh"

enum { ModeNone = 0, ModeNegative = 1, ModeIgnore = 2, ModeIgnoreNormalizeClasses = 3, ModeSelective = 4 };

DIGIT_KERNEL selective_begin(Selection *state, int count) { start_selection(state, count); }

DIGIT_KERNEL selective_count(const float *logits, const signed char *labels, int count, int shift, Selection *state)
{
    count_pass(logits, labels, count, shift, state);
}

DIGIT_KERNEL selective_pick(int shift, Selection *state) { pick_pass(shift, state); }

DIGIT_KERNEL selective_select(const float *logits, const signed char *labels, int count, int wanted, Selection *state)
{
    select_in_one_block(logits, labels, count, wanted, state);
}

// One block a row.
SWEEP_KERNEL selective_annotated(const signed char *labels, int classes, int *annotated)
{
    int known = 0;
    for (int k = threadIdx.x; k < classes; k += SweepThreads)
        known += labels[(long long)blockIdx.x * classes + k] >= 0;
    const float total = block_sum((float)known); // exact below 2^24 classes
    if (threadIdx.x == 0)
        annotated[blockIdx.x] = (int)total;
}

struct SelectiveConstants
{
    int mode;
    float gammaPositive, gammaNegative, gammaUnannotated, alphaPositive, alphaNegative, alphaUnannotated, clip,
        priorThreshold;
};

__device__ __forceinline__ float selective_weight(float x, int label, int i, int classes, const float *prior,
    const int *annotated, const Selection *state, const SelectiveConstants &constants)
{
    if (constants.mode == ModeIgnore)
        return label < 0 ? 0 : 1;
    if (constants.mode == ModeIgnoreNormalizeClasses)
        return label < 0 ? 0 : 1 + 1.0f / (1 + annotated[i / classes]);
    if (constants.mode != ModeSelective || label >= 0)
        return 1;
    if (constants.priorThreshold != 0 && prior != nullptr && prior[i % classes] > constants.priorThreshold)
        return 0;
    return rank_of(x, i) >= state->prefix ? 0 : 1;
}

// Not fmaxf and fminf: what is not a number stays one, so that a broken step has no finite loss.
__device__ __forceinline__ float at_least(float value, float least) { return value < least ? least : value; }

__device__ __forceinline__ float at_most(float value, float most) { return value > most ? most : value; }

SWEEP_KERNEL selective_loss(const float *logits, const signed char *labels, const float *prior, const int *annotated,
    const Selection *state, int mode, float gammaPositive, float gammaNegative, float gammaUnannotated,
    float alphaPositive, float alphaNegative, float alphaUnannotated, float clip, float priorThreshold, float *gradient,
    float *weights, float *parts, int count, int classes)
{
    constexpr float Smallest = 1e-8f;
    const SelectiveConstants constants = {mode, gammaPositive, gammaNegative, gammaUnannotated, alphaPositive,
        alphaNegative, alphaUnannotated, clip, priorThreshold};
    float sum = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
    {
        const int label = labels[i];
        const float x = logits[i], p = 1 / (1 + expf(-x)), complement = 1 - p;
        const float w = selective_weight(x, label, i, classes, prior, annotated, state, constants);
        float term, slope;
        if (label == 1)
        {
            const float a = alphaPositive * powf(complement, gammaPositive);
            term = a * logf(at_least(p, Smallest));
            slope = p >= Smallest ? -a * complement : 0;
        }
        else
        {
            const float shifted = complement + clip, q = at_most(shifted, 1);
            const float a = (label == 0 ? alphaNegative : alphaUnannotated) *
                            powf(1 - q, label == 0 ? gammaNegative : gammaUnannotated);
            term = a * logf(at_least(q, Smallest));
            slope = q >= Smallest && shifted <= 1 ? a * p * complement / q : 0;
        }
        gradient[i] = w * slope;
        if (weights != nullptr)
            weights[i] = w;
        sum -= w * term;
    }
    keep_part(sum, parts);
}

SWEEP_KERNEL selective_loss_finish(const float *parts, int count, float *loss) { add_parts(parts, count, loss); }
