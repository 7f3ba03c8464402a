// statistics_abn: mean and variance of each channel in one pass, and from them the normalization of inplace_abn.cu
//
// gamma = |weight| + eps, scale = gamma * inverse deviation, shift = bias - mean * scale
//
// x               [pixels, channels] float, half or bfloat, dense
// normalization   [4, channels] float: mean, inverse deviation, scale, shift
// weight, bias, running statistics, pictureMean [pictures, channels] or nullptr   float
// parts, counters scratch: what a block found, and how many blocks have come; counters are 0 before and after
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0.
//
// abn_statistics            the whole: each thread shifts by its first value, threads are merged by Chan's formula, the
//                           last block of a tile of channels merges the blocks without a division a part. Reads 1
//                           element a value, from the end, which the convolution before has left in the L2 cache. Block
//                           x channel packs, y pixels; grid x tiles of packs, y segments, z pictures; 18 KiB shared at
//                           V = 8, 32 KiB in flight a multiprocessor in 16 bits
// abn_sums_normalization    the normalization and running statistics from sums of x and of x^2 over the pixels, [2,
//                           channels], which the convolution before has made of 16-bit values; a thread a channel
// abn_running_statistics    the normalization of given statistics
// For the pictures of several processes; the last two have one thread a channel:
// abn_moments               as abn_statistics up to this process's moments, [3, channels]: count, mean less origin,
//                           squared deviations
// abn_moments_normalization merges the moments of all processes, [processes, 3, channels]: normalization and running
//                           statistics, whose mean was the origin
// abn_divide_by_count       sums over the pixels, [2, channels], divided by the count of all processes; the _apply
//                           kernels then take 1 for inverseCount
// Bound by memory. H200 at 4.8 TB/s, 64x56x56x64 bfloat (25.7 MB): 5.4 us. Measured: not yet.
// Twins: engine/Operations/Abn, tools/KernelLab/Cases
#include "reduction.cuh"

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

// What a block finds of its pixels, for its V channels a thread: mean less origin, squared deviations, and how many
// pixels it has. The origin is the tensor's first pixel: far from 0, a single's steps would otherwise be large against
// the deviation. Segments are interleaved, so that all blocks walk together from the end to the start.
// parts: [pictures, segments, 2, channels], then the counts, [tiles, pictures, segments].
template <typename T, int V>
__device__ __forceinline__ void statistics_part(
    const T *x, int pixels, int channels, float *shared, float *parts, float *counts)
{
    const int channel = segment_channel<V>(), thread = threadIdx.y * blockDim.x + threadIdx.x;
    const int picture = gridDim.z - 1 - blockIdx.z, step = gridDim.y * blockDim.y;
    Pack<T, V> origin, shift, pack;
    float sums[V] = {}, squares[V] = {}, count = 0;
    int pixel = pixels - 1 - (int)(blockIdx.y * blockDim.y + threadIdx.y);
    if (channel < channels)
    {
        const T *first = x + (long long)picture * pixels * channels + channel;
        origin.load(x + channel);
        if (pixel >= 0)
            shift.load(first + (long long)pixel * channels);
        const auto add = [&](const Raw<T, V> &raw)
        {
            raw.unpack(pack);
#pragma unroll
            for (int v = 0; v < V; v++)
            {
                const float distance = pack.value[v] - shift.value[v];
                sums[v] += distance;
                squares[v] += distance * distance;
            }
        };
        for (; pixel - (PacksInFlight - 1) * step >= 0; pixel -= PacksInFlight * step, count += PacksInFlight)
        {
            Raw<T, V> raw[PacksInFlight];
#pragma unroll
            for (int i = 0; i < PacksInFlight; i++)
                raw[i].load(first + (long long)(pixel - i * step) * channels);
#pragma unroll
            for (int i = 0; i < PacksInFlight; i++)
                add(raw[i]);
        }
        for (; pixel >= 0; pixel -= step, count++)
        {
            Raw<T, V> raw;
            raw.load(first + (long long)pixel * channels);
            add(raw);
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
    const int index = picture * gridDim.y + blockIdx.y;
    float *part = parts + (long long)index * 2 * channels + channel;
#pragma unroll
    for (int v = 0; v < V; v++)
    {
        part[v] = shared[v * ReduceThreads + thread];
        part[channels + v] = shared[(V + v) * ReduceThreads + thread];
    }
    if (threadIdx.x == 0)
        counts[index] = shared[2 * V * ReduceThreads + thread];
}

// Statistics of a tile's channels, for the threads of the last block's row 0; false for all other threads. Means are
// less the first pixel's value. The mean is known before the deviations from it are added up, so that no part needs a
// division.
template <typename T, int V>
__device__ __forceinline__ bool tile_moments(const T *x, int pixels, int channels, float *parts, unsigned *counters,
    float *pictureMean, int &channel, float &first, Moments &moments)
{
    __shared__ float shared[(2 * V + 1) * ReduceThreads];
    const int segments = gridDim.y, pictures = gridDim.z, all = pictures * segments;
    float *counts = parts + (long long)all * 2 * channels + (long long)blockIdx.x * all;
    statistics_part<T, V>(x, pixels, channels, shared, parts, counts);
    if (!is_last_block(counters + blockIdx.x, all))
        return false;
    const TileThread<V> tile;
    // Threads outside the tensor do what the tile's first channel needs, and keep nothing.
    const bool inside = tile.channel < channels;
    channel = inside ? tile.channel : blockIdx.x * tile.width;
    const float *means = parts + channel, *squares = means + channels;
    first = to_float(x[channel]);
    float sum = 0, deviations = 0;
#pragma unroll 4
    for (int part = tile.row; part < all; part += tile.rows)
        sum += counts[part] * means[(long long)part * 2 * channels];
    // Row 0 has the sum; every row needs it.
    sum = tile.add_rows(sum, shared);
    if (tile.row == 0)
        shared[tile.thread] = sum;
    __syncthreads();
    const float count = (float)((long long)pixels * pictures), mean = shared[tile.thread % tile.width] / count;
#pragma unroll 4
    for (int part = tile.row; part < all; part += tile.rows)
    {
        const float difference = means[(long long)part * 2 * channels] - mean;
        deviations += squares[(long long)part * 2 * channels] + counts[part] * difference * difference;
    }
    deviations = tile.add_rows(deviations, shared + ReduceThreads);
    for (int picture = tile.row; pictureMean != nullptr && inside && picture < pictures; picture += tile.rows)
    {
        float total = 0;
        for (int part = picture * segments; part < (picture + 1) * segments; part++)
            total += counts[part] * means[(long long)part * 2 * channels];
        pictureMean[(long long)picture * channels + channel] = first + total / pixels;
    }
    moments = {count, mean, deviations};
    return tile.row == 0 && inside;
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

__device__ __forceinline__ void keep_running(
    float mean, const Moments &moments, float momentum, float &runningMean, float &runningVariance)
{
    runningMean = (1 - momentum) * runningMean + momentum * mean;
    runningVariance = (1 - momentum) * runningVariance + momentum * (moments.squares / (moments.count - 1));
}

template <typename T, int V>
__device__ __forceinline__ void abn_statistics(const T *x, int pixels, int channels, float *parts, unsigned *counters,
    const float *weight, const float *bias, float epsilon, float momentum, float *normalization, float *runningMean,
    float *runningVariance, float *pictureMean)
{
    int channel;
    float first;
    Moments moments;
    if (!tile_moments<T, V>(x, pixels, channels, parts, counters, pictureMean, channel, first, moments))
        return;
    const float mean = first + moments.mean;
    normalize(mean, moments.squares / moments.count, weight[channel], bias[channel], epsilon, channels,
        normalization + channel);
    keep_running(mean, moments, momentum, runningMean[channel], runningVariance[channel]);
}

template <typename T, int V>
__device__ __forceinline__ void abn_moments(const T *x, int pixels, int channels, float *parts, unsigned *counters,
    const float *origin, float *moments, float *pictureMean)
{
    int channel;
    float first;
    Moments own;
    if (!tile_moments<T, V>(x, pixels, channels, parts, counters, pictureMean, channel, first, own))
        return;
    moments[channel] = own.count;
    moments[channels + channel] = first - origin[channel] + own.mean;
    moments[2 * channels + channel] = own.squares;
}

SWEEP_KERNEL abn_sums_normalization(const float *sums, float count, int channels, const float *weight,
    const float *bias, float epsilon, float momentum, float *normalization, float *runningMean, float *runningVariance)
{
    const int channel = blockIdx.x * SweepThreads + threadIdx.x;
    if (channel >= channels)
        return;
    const float mean = sums[channel] / count;
    // The product is not rounded before the difference; rounding must not make the variance negative, nor hide a value
    // that is not a number.
    const float variance = relu(fmaf(-mean, mean, sums[channels + channel] / count));
    normalize(mean, variance, weight[channel], bias[channel], epsilon, channels, normalization + channel);
    keep_running(mean, {count, mean, variance * count}, momentum, runningMean[channel], runningVariance[channel]);
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
    keep_running(mean, all, momentum, runningMean[channel], runningVariance[channel]);
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

#define ENTRIES(S, T, V) \
    REDUCE_KERNEL abn_statistics##S(const T *x, int pixels, int channels, float *parts, unsigned *counters, \
        const float *weight, const float *bias, float epsilon, float momentum, float *normalization, \
        float *runningMean, float *runningVariance, float *pictureMean) \
    { \
        abn_statistics<T, V>(x, pixels, channels, parts, counters, weight, bias, epsilon, momentum, normalization, \
            runningMean, runningVariance, pictureMean); \
    } \
    REDUCE_KERNEL abn_moments##S(const T *x, int pixels, int channels, float *parts, unsigned *counters, \
        const float *origin, float *moments, float *pictureMean) \
    { \
        abn_moments<T, V>(x, pixels, channels, parts, counters, origin, moments, pictureMean); \
    }

FOR_EVERY_TYPE(ENTRIES)
