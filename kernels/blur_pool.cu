// blur_pool: anti-aliased downsampling (Zhang 2019): reflect padding of 1, [1 2 1] x [1 2 1] / 16, stride 2; and its
// gradient
//
// x, dx   [pictures, height, width, channels] float, half or bfloat, dense; height and width at least 2
// y, dy   [pictures, (height + 1) / 2, (width + 1) / 2, channels]
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0. One thread, 8 channels of a pixel; grid x a
// row, grid y rows of all pictures.
// Forward: 9 reads of which the caches serve all but 1 per input value, 1/4 write. Backward gathers: at most 4 of dy
// per pixel, 1/4 read from memory, 1 write (and 1 read where it adds); no two threads write the same value, so there is
// nothing to add atomically.
// Bound by memory. H200 at 4.8 TB/s, 64x56x56x128 bfloat (51.4 MB): 13.4 us each. Measured: not yet.
// Twins: engine/Operations/BlurPool, tools/KernelLab/Cases
#include "common.cuh"

// -1 is 1 and the extent is the extent - 2: the border itself is not repeated.
__device__ __forceinline__ int reflect(int position, int extent)
{
    return position < 0 ? -position : position >= extent ? 2 * extent - 2 - position : position;
}

__device__ __forceinline__ float tap_weight(int tap) { return tap == 1 ? 0.5f : 0.25f; }

// How much output `out` takes from input `position` along one axis.
__device__ __forceinline__ float share(int position, int out, int extent)
{
    float sum = 0;
    for (int tap = 0; tap < 3; tap++)
        sum += reflect(2 * out + tap - 1, extent) == position ? tap_weight(tap) : 0;
    return sum;
}

template <typename T, int V>
__device__ __forceinline__ void blur_pool_forward(const T *x, T *y, int pictures, int height, int width, int channels)
{
    const int groups = channels / V, outHeight = (height + 1) / 2, outWidth = (width + 1) / 2;
    for (int row = blockIdx.y; row < pictures * outHeight; row += gridDim.y)
    {
        const int n = row / outHeight, p = row % outHeight;
        for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < outWidth * groups; i += gridDim.x * SweepThreads)
        {
            const int q = i / groups, channel = i % groups * V;
            Pack<T, V> sum = {};
#pragma unroll
            for (int tap = 0; tap < 9; tap++)
            {
                const int h = reflect(2 * p + tap / 3 - 1, height), w = reflect(2 * q + tap % 3 - 1, width);
                Pack<T, V> pack;
                pack.load(x + (((long long)n * height + h) * width + w) * channels + channel);
#pragma unroll
                for (int v = 0; v < V; v++)
                    sum.value[v] += tap_weight(tap / 3) * tap_weight(tap % 3) * pack.value[v];
            }
            sum.store(y + ((long long)row * outWidth * groups + i) * V);
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void blur_pool_backward(
    const T *dy, int accumulate, T *dx, int pictures, int height, int width, int channels)
{
    const int groups = channels / V, outHeight = (height + 1) / 2, outWidth = (width + 1) / 2;
    for (int row = blockIdx.y; row < pictures * height; row += gridDim.y)
    {
        const int n = row / height, h = row % height;
        for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < width * groups; i += gridDim.x * SweepThreads)
        {
            const int w = i / groups, channel = i % groups * V;
            T *destination = dx + ((long long)row * width * groups + i) * V;
            Pack<T, V> sum = {};
            if (accumulate)
                sum.load(destination);
            // An even position is the middle of one window, an odd one lies in two; reflected taps fall into the same
            // windows.
            for (int p = h / 2; p <= min((h + 1) / 2, outHeight - 1); p++)
            {
                for (int q = w / 2; q <= min((w + 1) / 2, outWidth - 1); q++)
                {
                    const float weight = share(h, p, height) * share(w, q, width);
                    Pack<T, V> pack;
                    pack.load(dy + (((long long)n * outHeight + p) * outWidth + q) * channels + channel);
#pragma unroll
                    for (int v = 0; v < V; v++)
                        sum.value[v] += weight * pack.value[v];
                }
            }
            sum.store(destination);
        }
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL blur_pool_forward##S(const T *x, T *y, int pictures, int height, int width, int channels) \
    { \
        blur_pool_forward<T, V>(x, y, pictures, height, width, channels); \
    } \
    SWEEP_KERNEL blur_pool_backward##S( \
        const T *dy, int accumulate, T *dx, int pictures, int height, int width, int channels) \
    { \
        blur_pool_backward<T, V>(dy, accumulate, dx, pictures, height, width, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)
