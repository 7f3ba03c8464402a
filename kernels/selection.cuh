// selection.cuh: the `count` highest logits among the unknown labels of a batch, found by ranks.
//
// The selection is a radix select over 64-bit ranks (logit's order above, inverted index below, all different): 8
// passes of 8 bits. A pass counts digits in shared memory, adds them to the state with integer atomics (any order gives
// the same counts), and one more block picks the digit. After the 8 passes `prefix` is the lowest rank that is among
// them. Small batches do all passes in one block, from the first-level cache.
// logits [count] float, labels [count] signed bytes: below 0 unknown. 5 bytes read a pass; one value a thread,
// grid-stride.
#pragma once
#include "common.cuh"

// 8 bits a pass: the counters of a block are 1 KiB, and a block's threads are as many as digits
constexpr int Digits = 256;

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

__device__ __forceinline__ void start_selection(Selection *state, int count)
{
    state->counts[threadIdx.x] = 0;
    if (threadIdx.x == 0)
        begin_selection(state, count);
}

__device__ __forceinline__ void count_pass(
    const float *logits, const signed char *labels, int count, int shift, Selection *state)
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
__device__ __forceinline__ void pick_pass(int shift, Selection *state)
{
    if (state->settled)
        return;
    const unsigned count = state->counts[threadIdx.x];
    state->counts[threadIdx.x] = 0;
    pick_digit(count, shift, state);
}

// The whole selection in one block, where a batch is so small that launches would cost more than passes.
__device__ __forceinline__ void select_in_one_block(
    const float *logits, const signed char *labels, int count, int wanted, Selection *state)
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
