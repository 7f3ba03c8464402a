// squeeze_excite: y = x * excitation per picture and channel, and its two backward halves
//
// x, y, dy     [pictures, pixels, channels] float, half or bfloat, dense; y may lie in x's memory
// excitation   [pictures, channels] float
// parts, counters   scratch of reduction.cuh
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0. One thread, 8 channels of a pixel; grid y
// is the picture.
//
// excite_forward          1 read, 1 write a value
// excite_gradient_sums    excitationGradient = sum over pixels of dy * x: 2 reads a value; 8 KiB shared
// excite_gradient_apply   dy becomes dy * excitation + pooled / pixels: 1 read, 1 write
// Bound by memory. H200 at 4.8 TB/s, 64x28x28x256 bfloat (25.7 MB): 10.7 us each. Measured: not yet.
// Twins: engine/Operations/SqueezeExcite, tools/KernelLab/Cases
#include "reduction.cuh"

// y = x * excitation + pooled * inversePixels; pooled may be nullptr. packs: of one picture.
template <typename T, int V>
__device__ __forceinline__ void excite(
    const T *x, const float *excitation, const float *pooled, float inversePixels, T *y, int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    const long long vector = (long long)blockIdx.y * channels + channel;
    Pack<float, V> factor, constant = {};
    factor.load(excitation + vector);
    if (pooled != nullptr)
        constant.load(pooled + vector);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        const long long offset = ((long long)blockIdx.y * packs + i) * V;
        Pack<T, V> pack;
        pack.load(x + offset);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] = pack.value[v] * factor.value[v] + constant.value[v] * inversePixels;
        pack.store(y + offset);
    }
}

template <typename T, int V> struct ExciteSums
{
    struct Item
    {
        Raw<T, V> input, gradient;
    };

    const T *x, *dy;

    __device__ __forceinline__ void load(long long offset, Item &item)
    {
        item.input.load(x + offset);
        item.gradient.load(dy + offset);
    }

    __device__ __forceinline__ void add(long long, const Item &item, float (&sums)[1][V])
    {
        Pack<T, V> input, gradient;
        item.input.unpack(input);
        item.gradient.unpack(gradient);
#pragma unroll
        for (int v = 0; v < V; v++)
            sums[0][v] += input.value[v] * gradient.value[v];
    }
};

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL excite_forward##S(const T *x, const float *excitation, T *y, int packs, int channels) \
    { excite<T, V>(x, excitation, nullptr, 0, y, packs, channels); } \
    REDUCE_KERNEL excite_gradient_sums##S(const T *x, const T *dy, int pixels, int channels, float *parts, \
        unsigned *counters, float *excitationGradient) \
    { \
        ExciteSums<T, V> work = {x, dy}; \
        const KeepScaled finish = {excitationGradient, 1, channels}; \
        sum_pixels<1, V, 2>(work, segment_channel<V>(), pixels, channels, parts, counters, finish); \
    } \
    SWEEP_KERNEL excite_gradient_apply##S( \
        const float *excitation, const float *pooled, float inversePixels, T *gradient, int packs, int channels) \
    { excite<T, V>(gradient, excitation, pooled, inversePixels, gradient, packs, channels); }

FOR_EVERY_TYPE(ENTRIES)
