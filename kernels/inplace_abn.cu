// inplace_abn: activated batch norm (Rota Bulo, Porzi, Kontschieder 2018), statistics, forward in place, backward from
// the output alone
//
// gamma = |weight| + eps, xhat = (x - mean) * inverseDeviation, z = gamma * xhat + bias = scale * x + shift, y = z >= 0
// ? z : slope * z
//
// x, y, dy, dx    [pixels, channels] float, half or bfloat, dense
// normalization   [4, channels] float: mean, inverse deviation, scale, shift
// weight, bias, running statistics, gradients of both   [channels] float
// parts, totals   scratch, float: a block's sums, and the sums over all blocks
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0.
//
// abn_statistics_parts      mean and squared deviations of a segment, one pass: each thread shifts by its first value,
//                           pairs are merged by Chan's formula.
//                           Reads 1 element a value. Block x channel packs, y pixels; grid x tiles of packs, y
//                           segments, z pictures; 18 KiB shared at V = 8
// abn_statistics_finish, abn_picture_means    merge the parts; 32 channels x 16 rows a block; a few KiB of traffic
// abn_apply                 1 read, 1 write a value; one thread 8 channels of a pixel, grid-stride, no shared memory
// abn_backward_parts        d and d * xhat: 2 reads a value; 16 KiB shared
// abn_backward_finish       the totals, dweight and dbias
// abn_backward_apply        2 reads, 1 write a value (y, dy -> dx)
// identity_abn_backward_*   the same from x, for slope 1: never inverted, because gamma starts near 1e-5
// For the pictures of several processes; the last two have one thread a channel:
// abn_moments_finish        merges the parts into this process's moments, [3, channels]: count, mean less origin,
//                           squared deviations; geometry of abn_statistics_finish
// abn_moments_normalization merges the moments of all processes, [processes, 3, channels]: normalization and running
//                           statistics, whose mean was the origin
// abn_divide_by_count       sums over the pixels, [2, channels], divided by the count of all processes; the _apply
//                           kernels then take 1 for inverseCount
// Bound by memory. H200 at 4.8 TB/s, 64x56x56x64 bfloat (25.7 MB): statistics 5.4 us, apply 10.7 us, backward 10.7 +
// 16.1 us. Measured: not yet.
// Twins: engine/Operations/Abn, tools/KernelLab/Cases
#include "common.cuh"

// n values with this mean and this sum of squared deviations from it.
struct Moments
{
    float count, mean, squares;
};

__device__ __forceinline__ Moments merge(Moments a, Moments b)
{
    const float count = a.count + b.count;
    if (b.count == 0)
        return a;
    const float share = b.count / count, difference = b.mean - a.mean;
    return {count, a.mean + difference * share, a.squares + b.squares + difference * difference * a.count * share};
}

// parts: [pictures, segments, 2, channels], then one row [channels], the origin: the tensor's first pixel, from which
// all means are measured. Far from 0, a single's steps would otherwise be large against the deviation.
template <typename T, int V>
__device__ __forceinline__ void abn_statistics_parts(const T *x, int pixels, int channels, float *parts)
{
    __shared__ float shared[(2 * V + 1) * ReduceThreads];
    const int channel = segment_channel<V>(), thread = threadIdx.y * blockDim.x + threadIdx.x;
    const int end = segment_begin(pixels, gridDim.y, blockIdx.y + 1);
    Pack<T, V> origin, shift, pack;
    float sums[V] = {}, squares[V] = {}, count = 0;
    if (channel < channels)
    {
        origin.load(x + channel);
        int pixel = segment_begin(pixels, gridDim.y, blockIdx.y) + threadIdx.y;
        if (pixel < end)
            shift.load(x + ((long long)blockIdx.z * pixels + pixel) * channels + channel);
        for (; pixel < end; pixel += blockDim.y, count++)
        {
            pack.load(x + ((long long)blockIdx.z * pixels + pixel) * channels + channel);
#pragma unroll
            for (int v = 0; v < V; v++)
            {
                const float distance = pack.value[v] - shift.value[v];
                sums[v] += distance;
                squares[v] += distance * distance;
            }
        }
    }
    const float inverse = count > 0 ? 1 / count : 0;
#pragma unroll
    for (int v = 0; v < V; v++)
    {
        shared[v * ReduceThreads + thread] = count > 0 ? shift.value[v] - origin.value[v] + sums[v] * inverse : 0;
        shared[(V + v) * ReduceThreads + thread] = squares[v] - sums[v] * sums[v] * inverse;
    }
    shared[2 * V * ReduceThreads + thread] = count;
    __syncthreads();
    for (int rows = blockDim.y / 2; rows > 0; rows /= 2)
    {
        if ((int)threadIdx.y < rows)
        {
            const int other = thread + rows * blockDim.x;
            const float a = shared[2 * V * ReduceThreads + thread], b = shared[2 * V * ReduceThreads + other];
#pragma unroll
            for (int v = 0; v < V; v++)
            {
                float *mean = shared + v * ReduceThreads, *square = shared + (V + v) * ReduceThreads;
                const Moments merged = merge({a, mean[thread], square[thread]}, {b, mean[other], square[other]});
                mean[thread] = merged.mean;
                square[thread] = merged.squares;
            }
            shared[2 * V * ReduceThreads + thread] = a + b;
        }
        __syncthreads();
    }
    if (threadIdx.y != 0 || channel >= channels)
        return;
    float *part = parts + ((long long)blockIdx.z * gridDim.y + blockIdx.y) * 2 * channels + channel;
#pragma unroll
    for (int v = 0; v < V; v++)
    {
        part[v] = shared[v * ReduceThreads + thread];
        part[channels + v] = shared[(V + v) * ReduceThreads + thread];
    }
    if (blockIdx.y != 0 || blockIdx.z != 0)
        return;
    float *origins = parts + (long long)gridDim.z * gridDim.y * 2 * channels + channel;
#pragma unroll
    for (int v = 0; v < V; v++)
        origins[v] = origin.value[v];
}

// The moments of a channel over count parts, the pixels of each following from the segments; row 0's threads get them.
__device__ __forceinline__ Moments merge_parts(
    const float *parts, int count, int pixels, int segments, int channels, int channel)
{
    __shared__ Moments shared[FinishRows][FinishColumns];
    Moments moments = {0, 0, 0};
    for (int part = threadIdx.y; channel < channels && part < count; part += FinishRows)
    {
        const int segment = part % segments;
        const float size = segment_begin(pixels, segments, segment + 1) - segment_begin(pixels, segments, segment);
        const float *values = parts + (long long)part * 2 * channels + channel;
        moments = merge(moments, {size, values[0], values[channels]});
    }
    shared[threadIdx.y][threadIdx.x] = moments;
    __syncthreads();
    for (int row = 1; threadIdx.y == 0 && row < FinishRows; row++)
        moments = merge(moments, shared[row][threadIdx.x]);
    return moments;
}

__device__ __forceinline__ void normalize(
    float mean, float variance, float weight, float bias, float epsilon, int channels, float *normalization)
{
    const float inverseDeviation = 1 / sqrtf(variance + epsilon);
    const float scale = (fabsf(weight) + epsilon) * inverseDeviation;
    normalization[0] = mean;
    normalization[channels] = inverseDeviation;
    normalization[2 * channels] = scale;
    normalization[3 * channels] = bias - mean * scale;
}

FINISH_KERNEL abn_statistics_finish(const float *parts, int pictures, int pixels, int segments, int channels,
    const float *weight, const float *bias, float epsilon, float momentum, float *normalization, float *runningMean,
    float *runningVariance)
{
    const int channel = blockIdx.x * FinishColumns + threadIdx.x;
    const Moments moments = merge_parts(parts, pictures * segments, pixels, segments, channels, channel);
    if (threadIdx.y != 0 || channel >= channels)
        return;
    const float mean = parts[(long long)pictures * segments * 2 * channels + channel] + moments.mean;
    normalize(mean, moments.squares / moments.count, weight[channel], bias[channel], epsilon, channels,
        normalization + channel);
    runningMean[channel] = (1 - momentum) * runningMean[channel] + momentum * mean;
    runningVariance[channel] =
        (1 - momentum) * runningVariance[channel] + momentum * (moments.squares / (moments.count - 1));
}

// Grid: x tiles of channels, y pictures.
FINISH_KERNEL abn_picture_means(const float *parts, int pixels, int segments, int channels, float *pictureMean)
{
    const int channel = blockIdx.x * FinishColumns + threadIdx.x;
    const float *own = parts + (long long)blockIdx.y * segments * 2 * channels;
    const Moments moments = merge_parts(own, segments, pixels, segments, channels, channel);
    if (threadIdx.y == 0 && channel < channels)
        pictureMean[(long long)blockIdx.y * channels + channel] =
            parts[(long long)gridDim.y * segments * 2 * channels + channel] + moments.mean;
}

FINISH_KERNEL abn_moments_finish(
    const float *parts, int pictures, int pixels, int segments, int channels, const float *origin, float *moments)
{
    const int channel = blockIdx.x * FinishColumns + threadIdx.x;
    const Moments own = merge_parts(parts, pictures * segments, pixels, segments, channels, channel);
    if (threadIdx.y != 0 || channel >= channels)
        return;
    moments[channel] = own.count;
    const float first = parts[(long long)pictures * segments * 2 * channels + channel];
    moments[channels + channel] = first - origin[channel] + own.mean;
    moments[2 * channels + channel] = own.squares;
}

// In the order of the processes, so that all of them get the same bits.
__device__ __forceinline__ Moments merge_processes(const float *moments, int processes, int channels, int channel)
{
    Moments all = {0, 0, 0};
    for (int process = 0; process < processes; process++)
    {
        const float *own = moments + (long long)process * 3 * channels + channel;
        all = merge(all, {own[0], own[channels], own[2 * channels]});
    }
    return all;
}

SWEEP_KERNEL abn_moments_normalization(
    const float *moments, int processes, int channels, const float *weight, const float *bias, float epsilon,
    float momentum, float *normalization, float *runningMean, float *runningVariance)
{
    const int channel = blockIdx.x * SweepThreads + threadIdx.x;
    if (channel >= channels)
        return;
    const Moments all = merge_processes(moments, processes, channels, channel);
    const float mean = runningMean[channel] + all.mean;
    normalize(
        mean, all.squares / all.count, weight[channel], bias[channel], epsilon, channels, normalization + channel);
    runningMean[channel] = (1 - momentum) * runningMean[channel] + momentum * mean;
    runningVariance[channel] = (1 - momentum) * runningVariance[channel] + momentum * (all.squares / (all.count - 1));
}

SWEEP_KERNEL abn_divide_by_count(const float *moments, int processes, int channels, float *sums)
{
    const int channel = blockIdx.x * SweepThreads + threadIdx.x;
    if (channel >= channels)
        return;
    const float count = merge_processes(moments, processes, channels, channel).count;
    sums[channel] /= count;
    sums[channels + channel] /= count;
}

SWEEP_KERNEL abn_running_statistics(const float *runningMean, const float *runningVariance, const float *weight,
    const float *bias, float epsilon, float *normalization, int channels)
{
    const int channel = blockIdx.x * SweepThreads + threadIdx.x;
    if (channel < channels)
        normalize(runningMean[channel], runningVariance[channel], weight[channel], bias[channel], epsilon, channels,
            normalization + channel);
}

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
    const T *y, *dy;
    LeakyInverse<V> inverse;

    __device__ __forceinline__ void add(long long offset, float (&sums)[2][V])
    {
        Pack<T, V> output, gradient;
        output.load(y + offset);
        gradient.load(dy + offset);
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
__device__ __forceinline__ void abn_backward_parts(const T *y, const T *dy, const float *weight, const float *bias,
    float epsilon, float slope, int pixels, int channels, float *parts)
{
    const int channel = segment_channel<V>();
    const int safe = channel < channels ? channel : 0;
    AbnBackwardSums<T, V> work = {y, dy, LeakyInverse<V>(weight, bias, epsilon, slope, safe)};
    sum_segment<2, V>(work, channel, pixels, channels, parts);
}

// totals: [2, channels], sum of d and of d * xhat. gamma = |weight| + eps, so a negative weight turns dweight's sign.
FINISH_KERNEL abn_backward_finish(const float *parts, int count, int channels, const float *weight, float *totals,
    float *weightGradient, float *biasGradient)
{
    const int channel = blockIdx.x * FinishColumns + threadIdx.x;
    float sums[2];
    if (!sum_parts<2>(parts, count, channels, channel, sums))
        return;
    totals[channel] = sums[0];
    totals[channels + channel] = sums[1];
    weightGradient[channel] = weight[channel] < 0 ? -sums[1] : sums[1];
    biasGradient[channel] = sums[0];
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
    const T *x, *dy;
    Pack<float, V> mean, inverseDeviation;

    __device__ __forceinline__ void add(long long offset, float (&sums)[2][V])
    {
        Pack<T, V> input, gradient;
        input.load(x + offset);
        gradient.load(dy + offset);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            sums[0][v] += gradient.value[v];
            sums[1][v] += gradient.value[v] * ((input.value[v] - mean.value[v]) * inverseDeviation.value[v]);
        }
    }
};

template <typename T, int V>
__device__ __forceinline__ void identity_abn_backward_parts(
    const T *x, const T *dy, const float *normalization, int pixels, int channels, float *parts)
{
    const int channel = segment_channel<V>();
    const int safe = channel < channels ? channel : 0;
    IdentityBackwardSums<T, V> work = {x, dy};
    work.mean.load(normalization + safe);
    work.inverseDeviation.load(normalization + channels + safe);
    sum_segment<2, V>(work, channel, pixels, channels, parts);
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
    REDUCE_KERNEL abn_statistics_parts##S(const T *x, int pixels, int channels, float *parts) \
    { \
        abn_statistics_parts<T, V>(x, pixels, channels, parts); \
    } \
    SWEEP_KERNEL abn_apply##S(const T *x, const float *normalization, float slope, T *y, int packs, int channels) \
    { \
        abn_apply<T, V>(x, normalization, slope, y, packs, channels); \
    } \
    REDUCE_KERNEL abn_backward_parts##S(const T *y, const T *dy, const float *weight, const float *bias, \
        float epsilon, float slope, int pixels, int channels, float *parts) \
    { \
        abn_backward_parts<T, V>(y, dy, weight, bias, epsilon, slope, pixels, channels, parts); \
    } \
    SWEEP_KERNEL abn_backward_apply##S(const T *y, const float *normalization, const float *weight, const float *bias, \
        float epsilon, float slope, const float *totals, float inverseCount, T *gradient, int packs, int channels) \
    { \
        abn_backward_apply<T, V>( \
            y, normalization, weight, bias, epsilon, slope, totals, inverseCount, gradient, packs, channels); \
    } \
    REDUCE_KERNEL identity_abn_backward_parts##S( \
        const T *x, const T *dy, const float *normalization, int pixels, int channels, float *parts) \
    { \
        identity_abn_backward_parts<T, V>(x, dy, normalization, pixels, channels, parts); \
    } \
    SWEEP_KERNEL identity_abn_backward_apply##S(const T *x, const T *d, const float *normalization, \
        const float *totals, float inverseCount, T *dx, int packs, int channels) \
    { \
        identity_abn_backward_apply<T, V>(x, d, normalization, totals, inverseCount, dx, packs, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)
