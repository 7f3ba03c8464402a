// reduction.cuh: sums over pixels, in a fixed order and without float atomics: equal runs are equal to the bit.
//
// Two stages in one launch: the threads of a block, then the blocks' parts, which the block that comes last adds up.
// What has few rows, as the vectors of a batch, is added up by a block of 32 columns x 16 rows alone.
#pragma once
#include "common.cuh"

// with 8 sums a thread and quantity, 8 KiB of shared memory a quantity
constexpr int ReduceThreads = 256;
// on a multiprocessor: as many as the launcher makes, so that a thread may have 128 registers
constexpr int ReduceBlocks = 2;
constexpr int FinishColumns = 32;  // a warp reads 128 contiguous bytes
constexpr int FinishRows = 16;

#define REDUCE_KERNEL extern "C" __global__ void __launch_bounds__(ReduceThreads, ReduceBlocks)
#define FINISH_KERNEL extern "C" __global__ void __launch_bounds__(FinishColumns * FinishRows)

// Where segment s of the pixels of a picture begins; segment s ends where s + 1 begins.
__device__ __forceinline__ int segment_begin(int pixels, int segments, int segment)
{
    return (int)((long long)pixels * segment / segments);
}

// True in every thread of the block that comes last of all that share a counter; it then sees what the others wrote
// before, and the counter is 0 again for the next launch. Which block is last differs from run to run, what it computes
// does not.
__device__ __forceinline__ bool is_last_block(unsigned *counter, unsigned blocks)
{
    __shared__ bool last;
    __syncthreads();
    if (threadIdx.x == 0 && threadIdx.y == 0)
    {
        __threadfence(); // covers the block's other threads too: they have come to the barrier
        last = atomicAdd(counter, 1u) == blocks - 1;
        if (last)
            atomicExch(counter, 0u);
        __threadfence();
    }
    __syncthreads();
    return last;
}

// How the last block of a reduction adds up the parts of its tile of channels: a thread has one channel and every
// rows-th part.
template <int V> struct TileThread
{
    int thread, width, row, rows, channel;

    __device__ __forceinline__ TileThread()
        : thread(threadIdx.y * blockDim.x + threadIdx.x), width(blockDim.x * V), row(thread / width),
          rows(ReduceThreads / width), channel(blockIdx.x * width + thread % width)
    {
    }

    // The sum of one value of each row in the order of the rows; for row 0. shared: ReduceThreads floats, which nobody
    // uses any more.
    __device__ __forceinline__ float add_rows(float value, float *shared) const
    {
        shared[thread] = value;
        __syncthreads();
        for (int other = 1; row == 0 && other < rows; other++)
            value += shared[thread + other * width];
        return value;
    }
};

// Packs that a thread asks for before it uses the first: with two blocks on a multiprocessor 32 KiB and more are on
// their way, which Hopper's memory needs.
constexpr int PacksInFlight = 4;

// Sums Q quantities over the pixels of each picture, for a column of V channels a thread, in one launch: blocks write
// parts, the last block of a tile of channels adds them up in their order. Block: x channel packs, y pixels, powers of
// two with ReduceThreads in all. Grid: x tiles of channel packs, y segments, z pictures.
// parts: [pictures, segments, Q, channels]; counters: [pictures, tiles], 0 before and after. Neither is used if a
// picture has one segment.
// work.load(offset, item) reads the packs at that offset of the tensors, work.add(offset, item, sums) adds what they
// give; finish(picture, channel, totals) is called once for each channel.
// True in every thread of the block that finished its tile of a picture, before other threads see what finish wrote.
template <int Q, int V, int Tensors, typename Work, typename Finish>
__device__ __forceinline__ bool sum_pixels(
    Work &work, int channel, int pixels, int channels, float *parts, unsigned *counters, const Finish &finish)
{
    constexpr int Ahead = (PacksInFlight + Tensors - 1) / Tensors;
    __shared__ float shared[Q * V * ReduceThreads];
    float sums[Q][V] = {};
    const int thread = threadIdx.y * blockDim.x + threadIdx.x;
    if (channel < channels)
    {
        const int end = segment_begin(pixels, gridDim.y, blockIdx.y + 1);
        int pixel = segment_begin(pixels, gridDim.y, blockIdx.y) + threadIdx.y;
        const long long first = (long long)blockIdx.z * pixels * channels + channel;
        for (; pixel + (Ahead - 1) * (int)blockDim.y < end; pixel += Ahead * blockDim.y)
        {
            typename Work::Item items[Ahead];
#pragma unroll
            for (int i = 0; i < Ahead; i++)
                work.load(first + (long long)(pixel + i * (int)blockDim.y) * channels, items[i]);
#pragma unroll
            for (int i = 0; i < Ahead; i++)
                work.add(first + (long long)(pixel + i * (int)blockDim.y) * channels, items[i], sums);
        }
        for (; pixel < end; pixel += blockDim.y)
        {
            typename Work::Item item;
            work.load(first + (long long)pixel * channels, item);
            work.add(first + (long long)pixel * channels, item, sums);
        }
    }
#pragma unroll
    for (int i = 0; i < Q * V; i++)
        shared[i * ReduceThreads + thread] = sums[i / V][i % V];
    __syncthreads();
    for (int rows = blockDim.y / 2; rows > 0; rows /= 2)
    {
        if ((int)threadIdx.y < rows)
        {
#pragma unroll
            for (int i = 0; i < Q * V; i++)
                shared[i * ReduceThreads + thread] += shared[i * ReduceThreads + thread + rows * blockDim.x];
        }
        __syncthreads();
    }
    const TileThread<V> tile;
    float totals[Q];
    if (gridDim.y == 1)
    {
        const int pack = tile.thread / V, v = tile.thread % V;
#pragma unroll
        for (int q = 0; q < Q; q++)
            totals[q] = shared[(q * V + v) * ReduceThreads + pack];
        if (tile.row == 0 && tile.channel < channels)
            finish(blockIdx.z, tile.channel, totals);
        return true;
    }
    parts += (long long)blockIdx.z * gridDim.y * Q * channels;
    if (threadIdx.y == 0 && channel < channels)
    {
        float *part = parts + (long long)blockIdx.y * Q * channels + channel;
#pragma unroll
        for (int i = 0; i < Q * V; i++)
            part[i / V * channels + i % V] = shared[i * ReduceThreads + thread];
    }
    if (!is_last_block(counters + blockIdx.z * gridDim.x + blockIdx.x, gridDim.y))
        return false;
#pragma unroll
    for (int q = 0; q < Q; q++)
        totals[q] = 0;
#pragma unroll 4
    for (int part = tile.row; part < (int)gridDim.y; part += tile.rows)
    {
#pragma unroll
        for (int q = 0; q < Q; q++)
            totals[q] += tile.channel < channels ? parts[((long long)part * Q + q) * channels + tile.channel] : 0;
    }
#pragma unroll
    for (int q = 0; q < Q; q++)
        totals[q] = tile.add_rows(totals[q], shared + q * ReduceThreads);
    if (tile.row == 0 && tile.channel < channels)
        finish(blockIdx.z, tile.channel, totals);
    return true;
}

// A finish of sum_pixels: keeps one sum, scaled, in [pictures, channels].
struct KeepScaled
{
    float *values, factor;
    int channels;

    __device__ __forceinline__ void operator()(int picture, int channel, const float (&totals)[1]) const
    {
        values[(long long)picture * channels + channel] = totals[0] * factor;
    }
};

// A work of sum_pixels: the pixels of one tensor.
template <typename T, int V> struct PixelSums
{
    struct Item
    {
        Raw<T, V> input;
    };

    const T *x;

    __device__ __forceinline__ void load(long long offset, Item &item) { item.input.load(x + offset); }

    __device__ __forceinline__ void add(long long, const Item &item, float (&sums)[1][V])
    {
        Pack<T, V> pack;
        item.input.unpack(pack);
#pragma unroll
        for (int v = 0; v < V; v++)
            sums[0][v] += pack.value[v];
    }
};

// The channel of this thread in sum_pixels's geometry.
template <int V>
__device__ __forceinline__ int segment_channel()
{
    return (blockIdx.x * blockDim.x + threadIdx.x) * V;
}

// Adds up Q values over the rows of a block of FinishColumns x FinishRows threads; true for the thread (row 0, inside)
// that has the totals.
template <int Q> __device__ __forceinline__ bool finish_columns(float (&totals)[Q], bool inside)
{
    __shared__ float shared[Q][FinishRows][FinishColumns];
#pragma unroll
    for (int q = 0; q < Q; q++)
        shared[q][threadIdx.y][threadIdx.x] = totals[q];
    __syncthreads();
    if (threadIdx.y != 0 || !inside)
        return false;
#pragma unroll
    for (int q = 0; q < Q; q++)
    {
        for (int row = 1; row < FinishRows; row++)
            totals[q] += shared[q][row][threadIdx.x];
    }
    return true;
}

// The totals over count rows, [count, Q, channels].
template <int Q>
__device__ __forceinline__ bool sum_parts(const float *parts, int count, int channels, int channel, float (&totals)[Q])
{
    const bool inside = channel < channels;
#pragma unroll
    for (int q = 0; q < Q; q++)
    {
        totals[q] = 0;
        for (int part = threadIdx.y; inside && part < count; part += FinishRows)
            totals[q] += parts[((long long)part * Q + q) * channels + channel];
    }
    return finish_columns<Q>(totals, inside);
}
