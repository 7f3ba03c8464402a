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
// The selection is a radix select over 64-bit ranks (logit's order above, inverted index below, all different): 8
// passes of 8 bits. A pass counts digits in shared memory, adds them to the state with integer atomics (any order gives
// the same counts), and one more block picks the digit. Small batches (selective_select) do all passes in one block,
// from the first-level cache.
// 5 bytes read a pass, at the end 5 read, 4 written a value; one value a thread, grid-stride.
// H200 at 4.8 TB/s, 512x9605 (4.9 M): 8 x 5.1 + 9.2 us; 8x21: 3 launches. Measured: not yet.
// Twins: engine/Operations/SelectiveLoss, tools/KernelLab/Cases
#include "common.cuh"

// 8 bits a pass: the counters of a block are 1 KiB, and a block's threads are as many as digits
constexpr int Digits = 256;

enum { ModeNone = 0, ModeNegative = 1, ModeIgnore = 2, ModeIgnoreNormalizeClasses = 3, ModeSelective = 4 };

struct Selection
{
    unsigned long long prefix; // the digits picked so far
    unsigned remaining;        // how many are still to be taken below them
    unsigned settled;          // 1: nothing is left to pick
    unsigned counts[Digits];
};

// Grows with the logit, and of equal logits with the lower index.
__device__ __forceinline__ unsigned long long rank_of(float logit, int index)
{
    const unsigned bits = __float_as_uint(logit == 0 ? 0.0f : logit); // -0 ties with 0
    const unsigned ordered = bits & 0x80000000 ? ~bits : bits | 0x80000000;
    return (unsigned long long)ordered << 32 | (0xFFFFFFFFu - (unsigned)index);
}

#define DIGIT_KERNEL extern "C" __global__ void __launch_bounds__(Digits)

__device__ __forceinline__ void begin_selection(Selection *state, int count)
{
    state->prefix = count > 0 ? 0 : 0xFFFFFFFFFFFFFFFFull;
    state->remaining = count;
    state->settled = count > 0 ? 0 : 1;
}

// Counts this block's share of the ranks that begin with the prefix, by their digit at `shift`.
__device__ __forceinline__ void count_digits(
    const float *logits, const signed char *labels, int count, int shift, unsigned long long prefix, unsigned *counts)
{
    for (int i = blockIdx.x * Digits + threadIdx.x; i < count; i += gridDim.x * Digits)
    {
        if (labels[i] >= 0)
            continue;
        const unsigned long long rank = rank_of(logits[i], i);
        if (shift == 56 || rank >> (shift + 8) == prefix >> (shift + 8))
            atomicAdd(&counts[(rank >> shift) & (Digits - 1)], 1u);
    }
}

// The digit that holds the last rank wanted, from the highest down. Fewer than wanted at all: everything is taken,
// prefix 0.
__device__ __forceinline__ void pick_digit(unsigned count, int shift, Selection *state)
{
    __shared__ unsigned suffix[Digits]; // counts of this digit and all above
    const unsigned remaining = state->remaining;
    suffix[threadIdx.x] = count;
    __syncthreads();
    for (int distance = 1; distance < Digits; distance *= 2)
    {
        const unsigned above = threadIdx.x + distance < Digits ? suffix[threadIdx.x + distance] : 0;
        __syncthreads();
        suffix[threadIdx.x] += above;
        __syncthreads();
    }
    const unsigned own = suffix[threadIdx.x];
    if (own >= remaining && own - count < remaining)
    {
        state->prefix |= (unsigned long long)threadIdx.x << shift;
        state->remaining = remaining - (own - count);
    }
    if (threadIdx.x == 0 && own < remaining)
        state->settled = 1;
}

DIGIT_KERNEL selective_begin(Selection *state, int count)
{
    state->counts[threadIdx.x] = 0;
    if (threadIdx.x == 0)
        begin_selection(state, count);
}

DIGIT_KERNEL selective_count(const float *logits, const signed char *labels, int count, int shift, Selection *state)
{
    __shared__ unsigned counts[Digits];
    if (state->settled)
        return;
    counts[threadIdx.x] = 0;
    __syncthreads();
    count_digits(logits, labels, count, shift, state->prefix, counts);
    __syncthreads();
    if (counts[threadIdx.x] != 0)
        atomicAdd(&state->counts[threadIdx.x], counts[threadIdx.x]);
}

// One block.
DIGIT_KERNEL selective_pick(int shift, Selection *state)
{
    if (state->settled)
        return;
    const unsigned count = state->counts[threadIdx.x];
    state->counts[threadIdx.x] = 0;
    pick_digit(count, shift, state);
}

// The whole selection in one block, where a batch is so small that launches would cost more than passes.
DIGIT_KERNEL selective_select(const float *logits, const signed char *labels, int count, int wanted, Selection *state)
{
    __shared__ unsigned counts[Digits];
    __shared__ Selection own;
    if (threadIdx.x == 0)
        begin_selection(&own, wanted);
    __syncthreads();
    for (int shift = 56; shift >= 0 && !own.settled; shift -= 8)
    {
        counts[threadIdx.x] = 0;
        __syncthreads();
        count_digits(logits, labels, count, shift, own.prefix, counts);
        __syncthreads();
        pick_digit(counts[threadIdx.x], shift, &own);
        __syncthreads();
    }
    if (threadIdx.x == 0)
        state->prefix = own.prefix;
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
