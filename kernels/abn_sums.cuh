// abn_sums.cuh: what the backward sums of every ABN end with.
#pragma once
#include "reduction.cuh"

// Keeps a channel's sums of d and of d * xhat in totals, [2, channels], and the parameters' gradients.
// gamma = |weight| + eps, so a negative weight turns dweight's sign.
struct ParameterSums
{
    const float *weight;
    float *totals, *weightGradient, *biasGradient;
    int channels;

    __device__ __forceinline__ void operator()(int, int channel, const float (&sums)[2]) const
    {
        totals[channel] = sums[0];
        totals[channels + channel] = sums[1];
        weightGradient[channel] = weight[channel] < 0 ? -sums[1] : sums[1];
        biasGradient[channel] = sums[0];
    }
};
