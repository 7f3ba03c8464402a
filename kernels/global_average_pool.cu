// global_average_pool: mean over all pixels of a picture, and its gradient dy / pixels at every pixel
//
// x, dx   [pictures, pixels, channels] float, half or bfloat, dense
// y, dy   [pictures, channels] float
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0. One thread, 8 channels of a pixel.
//
// global_pool_forward    1 read a value; block x channel packs, y pixels, grid y segments, z pictures; 8 KiB shared
// global_pool_backward   1 write a value, and 1 read where it adds; grid y pictures
// Bound by memory. H200 at 4.8 TB/s, 64x7x7x2048 bfloat (12.8 MB): 2.7 us forward, 2.7 us backward. Measured: not yet.
// Twins: engine/Operations/GlobalAveragePool, tools/KernelLab/Cases
#include "reduction.cuh"

template <typename T, int V>
__device__ __forceinline__ void global_pool_backward(
    const float *dy, float inversePixels, int accumulate, T *dx, int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    Pack<float, V> share;
    share.load(dy + (long long)blockIdx.y * channels + channel);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        T *destination = dx + ((long long)blockIdx.y * packs + i) * V;
        Pack<T, V> pack = {};
        if (accumulate)
            pack.load(destination);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] += share.value[v] * inversePixels;
        pack.store(destination);
    }
}

#define ENTRIES(S, T, V) \
    REDUCE_KERNEL global_pool_forward##S(const T *x, int pixels, int channels, float inversePixels, float *parts, \
        unsigned *counters, float *y) \
    { \
        PixelSums<T, V> work = {x}; \
        const KeepScaled finish = {y, inversePixels, channels}; \
        sum_pixels<1, V, 1>(work, segment_channel<V>(), pixels, channels, parts, counters, finish); \
    } \
    SWEEP_KERNEL global_pool_backward##S( \
        const float *dy, float inversePixels, int accumulate, T *dx, int packs, int channels) \
    { \
        global_pool_backward<T, V>(dy, inversePixels, accumulate, dx, packs, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)
