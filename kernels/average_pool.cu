// average_pool: mean of 2x2 pixels, stride 2; at odd edges the divisor is the number of pixels covered
//
// x, dx   [rows of all pictures, width, channels] float, half or bfloat, dense
// y, dy   [(height + 1) / 2 rows of all pictures, (width + 1) / 2, channels]
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0. One thread, 8 channels of a pixel; grid x a
// row, grid y rows of all pictures.
// Forward 1 read, 1/4 write per input value; backward 1/4 read, 1 write (and 1 read where it adds).
// Bound by memory. H200 at 4.8 TB/s, 64x56x56x64 bfloat: 6.7 us each. Measured: not yet.
// Twins: engine/Operations/AveragePool, tools/KernelLab/Cases
#include "common.cuh"

template <typename T, int V>
__device__ __forceinline__ void average_pool_forward(
    const T *x, T *y, int pictures, int height, int width, int channels)
{
    const int groups = channels / V, outHeight = (height + 1) / 2, outWidth = (width + 1) / 2;
    for (int row = blockIdx.y; row < pictures * outHeight; row += gridDim.y)
    {
        const int n = row / outHeight, top = 2 * (row % outHeight), bottom = min(top + 2, height);
        for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < outWidth * groups; i += gridDim.x * SweepThreads)
        {
            const int left = 2 * (i / groups), right = min(left + 2, width), channel = i % groups * V;
            const float share = 1.0f / ((bottom - top) * (right - left));
            Pack<T, V> sum = {};
            for (int h = top; h < bottom; h++)
            {
                for (int w = left; w < right; w++)
                {
                    Pack<T, V> pack;
                    pack.load(x + (((long long)n * height + h) * width + w) * channels + channel);
#pragma unroll
                    for (int v = 0; v < V; v++)
                        sum.value[v] += share * pack.value[v];
                }
            }
            sum.store(y + ((long long)row * outWidth * groups + i) * V);
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void average_pool_backward(
    const T *dy, int accumulate, T *dx, int pictures, int height, int width, int channels)
{
    const int groups = channels / V, outHeight = (height + 1) / 2, outWidth = (width + 1) / 2;
    for (int row = blockIdx.y; row < pictures * height; row += gridDim.y)
    {
        const int n = row / height, h = row % height, rows = min(h / 2 * 2 + 2, height) - h / 2 * 2;
        for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < width * groups; i += gridDim.x * SweepThreads)
        {
            const int w = i / groups, channel = i % groups * V, columns = min(w / 2 * 2 + 2, width) - w / 2 * 2;
            T *destination = dx + ((long long)row * width * groups + i) * V;
            const float share = 1.0f / (rows * columns);
            Pack<T, V> pack, sum = {};
            pack.load(dy + (((long long)n * outHeight + h / 2) * outWidth + w / 2) * channels + channel);
            if (accumulate)
                sum.load(destination);
#pragma unroll
            for (int v = 0; v < V; v++)
                sum.value[v] += share * pack.value[v];
            sum.store(destination);
        }
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL average_pool_forward##S(const T *x, T *y, int pictures, int height, int width, int channels) \
    { \
        average_pool_forward<T, V>(x, y, pictures, height, width, channels); \
    } \
    SWEEP_KERNEL average_pool_backward##S( \
        const T *dy, int accumulate, T *dx, int pictures, int height, int width, int channels) \
    { \
        average_pool_backward<T, V>(dy, accumulate, dx, pictures, height, width, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)
