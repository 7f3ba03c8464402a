// inplace_abn: activated batch norm (Rota Bulo, Porzi, Kontschieder 2018), forward in place, backward from the output
// alone; statistics are in statistics_abn.cu
//
// gamma = |weight| + eps, xhat = (x - mean) * inverseDeviation, z = gamma * xhat + bias = scale * x + shift, y = z >= 0
// ? z : slope * z
//
// x, y, dy, dx    [pixels, channels] float, half or bfloat, dense
// normalization   [4, channels] float: mean, inverse deviation, scale, shift
// weight, bias, gradients of both   [channels] float
// totals          [2, channels] float: sum of d and of d * xhat
// parts, counters scratch of reduction.cuh
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0.
//
// abn_apply                 1 read, 1 write a value; one thread 8 channels of a pixel, grid-stride, no shared memory
// abn_backward_sums         the totals, dweight and dbias: 2 reads a value; 16 KiB shared
// abn_backward_apply        2 reads, 1 write a value (y, dy -> dx)
// identity_abn_backward_*   the same from x, for slope 1: never inverted, because gamma starts near 1e-5
// Bound by memory. H200 at 4.8 TB/s, 64x56x56x64 bfloat (25.7 MB): apply 10.7 us, backward 10.7 +
// 16.1 us. Measured: not yet.
// Twins: engine/Operations/Abn, tools/KernelLab/Cases
#include "abn_sums.cuh"

template <typename T, int V>
__device__ __forceinline__ void abn_apply(
    const T *x, const float *normalization, float slope, T *y, int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    Pack<float, V> scale, shift;
    scale.load(normalization + 2 * channels + channel);
    shift.load(normalization + 3 * channels + channel);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack;
        pack.load(x + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float z = scale.value[v] * pack.value[v] + shift.value[v];
            pack.value[v] = z >= 0 ? z : slope * z;
        }
        pack.store(y + (long long)i * V);
    }
}

// xhat and d of leaky ABN, from its output.
template <int V> struct LeakyInverse
{
    Pack<float, V> bias, inverseGamma;
    float slope, inverseSlope;

    __device__ __forceinline__ LeakyInverse(
        const float *weight, const float *biases, float epsilon, float leak, int channel)
        : slope(leak), inverseSlope(1 / leak)
    {
        bias.load(biases + channel);
        inverseGamma.load(weight + channel);
#pragma unroll
        for (int v = 0; v < V; v++)
            inverseGamma.value[v] = 1 / (fabsf(inverseGamma.value[v]) + epsilon);
    }

    __device__ __forceinline__ float gradient(float y, float dy) const { return y >= 0 ? dy : slope * dy; }

    __device__ __forceinline__ float normalized(float y, int v) const
    {
        return ((y >= 0 ? y : y * inverseSlope) - bias.value[v]) * inverseGamma.value[v];
    }
};

template <typename T, int V> struct AbnBackwardSums
{
    struct Item
    {
        Raw<T, V> output, gradient;
    };

    const T *y, *dy;
    LeakyInverse<V> inverse;

    __device__ __forceinline__ void load(long long offset, Item &item)
    {
        item.output.load(y + offset);
        item.gradient.load(dy + offset);
    }

    __device__ __forceinline__ void add(long long, const Item &item, float (&sums)[2][V])
    {
        Pack<T, V> output, gradient;
        item.output.unpack(output);
        item.gradient.unpack(gradient);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float d = inverse.gradient(output.value[v], gradient.value[v]);
            sums[0][v] += d;
            sums[1][v] += d * inverse.normalized(output.value[v], v);
        }
    }
};

template <typename T, int V>
__device__ __forceinline__ void abn_backward_sums(const T *y, const T *dy, const float *bias, float epsilon,
    float slope, int pixels, int channels, float *parts, unsigned *counters, const ParameterSums &finish)
{
    const int channel = segment_channel<V>();
    const int safe = channel < channels ? channel : 0;
    AbnBackwardSums<T, V> work = {y, dy, LeakyInverse<V>(finish.weight, bias, epsilon, slope, safe)};
    sum_pixels<2, V, 2>(work, channel, pixels, channels, parts, counters, finish);
}

// inverseCount: 1 / pixels, or 0 with running statistics, which do not depend on x.
template <typename T, int V>
__device__ __forceinline__ void abn_backward_apply(const T *y, const float *normalization, const float *weight,
    const float *bias, float epsilon, float slope, const float *totals, float inverseCount, T *gradient, int packs,
    int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    const LeakyInverse<V> inverse(weight, bias, epsilon, slope, channel);
    Pack<float, V> scale, sum, sumNormalized;
    scale.load(normalization + 2 * channels + channel);
    sum.load(totals + channel);
    sumNormalized.load(totals + channels + channel);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> output, pack;
        output.load(y + (long long)i * V);
        pack.load(gradient + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float d = inverse.gradient(output.value[v], pack.value[v]);
            const float share = sum.value[v] + inverse.normalized(output.value[v], v) * sumNormalized.value[v];
            pack.value[v] = scale.value[v] * (d - share * inverseCount);
        }
        pack.store(gradient + (long long)i * V);
    }
}

template <typename T, int V> struct IdentityBackwardSums
{
    struct Item
    {
        Raw<T, V> input, gradient;
    };

    const T *x, *dy;
    Pack<float, V> mean, inverseDeviation;

    __device__ __forceinline__ void load(long long offset, Item &item)
    {
        item.input.load(x + offset);
        item.gradient.load(dy + offset);
    }

    __device__ __forceinline__ void add(long long, const Item &item, float (&sums)[2][V])
    {
        Pack<T, V> input, gradient;
        item.input.unpack(input);
        item.gradient.unpack(gradient);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            sums[0][v] += gradient.value[v];
            sums[1][v] += gradient.value[v] * ((input.value[v] - mean.value[v]) * inverseDeviation.value[v]);
        }
    }
};

template <typename T, int V>
__device__ __forceinline__ void identity_abn_backward_sums(const T *x, const T *dy, const float *normalization,
    int pixels, int channels, float *parts, unsigned *counters, const ParameterSums &finish)
{
    const int channel = segment_channel<V>();
    const int safe = channel < channels ? channel : 0;
    IdentityBackwardSums<T, V> work = {x, dy};
    work.mean.load(normalization + safe);
    work.inverseDeviation.load(normalization + channels + safe);
    sum_pixels<2, V, 2>(work, channel, pixels, channels, parts, counters, finish);
}

// d may lie in dx's memory, and so may x.
template <typename T, int V>
__device__ __forceinline__ void identity_abn_backward_apply(const T *x, const T *d, const float *normalization,
    const float *totals, float inverseCount, T *dx, int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    Pack<float, V> mean, inverseDeviation, scale, sum, sumNormalized;
    mean.load(normalization + channel);
    inverseDeviation.load(normalization + channels + channel);
    scale.load(normalization + 2 * channels + channel);
    sum.load(totals + channel);
    sumNormalized.load(totals + channels + channel);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> input, pack;
        input.load(x + (long long)i * V);
        pack.load(d + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float normalized = (input.value[v] - mean.value[v]) * inverseDeviation.value[v];
            pack.value[v] =
                scale.value[v] * (pack.value[v] - (sum.value[v] + normalized * sumNormalized.value[v]) * inverseCount);
        }
        pack.store(dx + (long long)i * V);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL abn_apply##S(const T *x, const float *normalization, float slope, T *y, int packs, int channels) \
    { \
        abn_apply<T, V>(x, normalization, slope, y, packs, channels); \
    } \
    REDUCE_KERNEL abn_backward_sums##S(const T *y, const T *dy, const float *weight, const float *bias, \
        float epsilon, float slope, int pixels, int channels, float *parts, unsigned *counters, float *totals, \
        float *weightGradient, float *biasGradient) \
    { \
        abn_backward_sums<T, V>(y, dy, bias, epsilon, slope, pixels, channels, parts, counters, \
            {weight, totals, weightGradient, biasGradient, channels}); \
    } \
    SWEEP_KERNEL abn_backward_apply##S(const T *y, const float *normalization, const float *weight, const float *bias, \
        float epsilon, float slope, const float *totals, float inverseCount, T *gradient, int packs, int channels) \
    { \
        abn_backward_apply<T, V>( \
            y, normalization, weight, bias, epsilon, slope, totals, inverseCount, gradient, packs, channels); \
    } \
    REDUCE_KERNEL identity_abn_backward_sums##S(const T *x, const T *dy, const float *normalization, int pixels, \
        int channels, float *parts, unsigned *counters, const float *weight, float *totals, float *weightGradient, \
        float *biasGradient) \
    { \
        identity_abn_backward_sums<T, V>(x, dy, normalization, pixels, channels, parts, counters, \
            {weight, totals, weightGradient, biasGradient, channels}); \
    } \
    SWEEP_KERNEL identity_abn_backward_apply##S(const T *x, const T *d, const float *normalization, \
        const float *totals, float inverseCount, T *dx, int packs, int channels) \
    { \
        identity_abn_backward_apply<T, V>(x, d, normalization, totals, inverseCount, dx, packs, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)
