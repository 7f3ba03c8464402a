// space_to_depth: y[n,p,q,(dy*block+dx)*C+c] = x[n,p*block+dy,q*block+dx,c], bytes divided by 255: input, scaling and
// cast in one kernel
//
// x   [pictures, height, width, channels] bytes or float; height and width multiples of block
// y   [pictures, height/block, width/block, block*block*channels] float, half or bfloat, dense
// Entries without suffix _any need y 16-byte aligned and its channels % 8 == 0. One thread, 8 channels of an output
// pixel; bytes: grid-stride over all of them, floats: grid x a row, grid y rows.
// A true division, not a product with 1/255: pretrained weights were made with it. Each block divides the 256 bytes
// there are once and looks them up in shared memory; where four channels lie in one word, it is read as such.
// Bytes: 1 read, 2 written a value; the backward pass of float inputs reads T and writes float.
// Bound by memory. H200 at 4.8 TB/s, 256x224x224x3 to bfloat (38.5 + 77.1 MB): 24.1 us. Measured: not yet.
// Twins: engine/Operations/SpaceToDepth, tools/KernelLab/Cases
#include "common.cuh"

// Where channel `channel` of output pixel (row, q) lies in x; rows are block input rows high over all pictures.
__device__ __forceinline__ long long source_of(int row, int q, int channel, int block, int width, int channels)
{
    const int run = block * channels; // what one input row gives to an output pixel is contiguous
    return ((long long)row * block + channel / run) * width * channels + q * run + channel % run;
}

// packs: of y; width, channels: of x.
template <typename T, int V>
__device__ __forceinline__ void space_to_depth_bytes(
    const unsigned char *x, int block, T *y, int packs, int width, int channels)
{
    __shared__ float quotients[SweepThreads];
    static_assert(SweepThreads == 256, "a thread for each byte there is");
    quotients[threadIdx.x] = threadIdx.x / 255.0f;
    __syncthreads();
    const int depth = block * block * channels, groups = depth / V, outWidth = width / block;
    const bool words = V == 8 && (block * channels | width * channels) % 4 == 0 && (unsigned long long)x % 4 == 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        const int pixel = i / groups, channel = i % groups * V, row = pixel / outWidth, q = pixel % outWidth;
        Pack<T, V> pack;
        if (words)
        {
#pragma unroll
            for (int half = 0; half < V / 4; half++)
            {
                const unsigned word = *reinterpret_cast<const unsigned *>(
                    x + source_of(row, q, channel + 4 * half, block, width, channels));
#pragma unroll
                for (int v = 0; v < 4; v++)
                    pack.value[4 * half + v] = quotients[word >> 8 * v & 255];
            }
        }
        else
        {
#pragma unroll
            for (int v = 0; v < V; v++)
                pack.value[v] = quotients[x[source_of(row, q, channel + v, block, width, channels)]];
        }
        pack.store(y + (long long)i * V);
    }
}

// rows: output rows of all pictures; width, channels: of x.
template <typename T, int V>
__device__ __forceinline__ void space_to_depth_floats(
    const float *x, int block, T *y, int rows, int width, int channels)
{
    const int depth = block * block * channels, groups = depth / V, outWidth = width / block;
    for (int row = blockIdx.y; row < rows; row += gridDim.y)
    {
        for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < outWidth * groups; i += gridDim.x * SweepThreads)
        {
            const int q = i / groups, channel = i % groups * V;
            Pack<T, V> pack;
#pragma unroll
            for (int v = 0; v < V; v++)
                pack.value[v] = x[source_of(row, q, channel + v, block, width, channels)];
            pack.store(y + ((long long)row * outWidth * groups + i) * V);
        }
    }
}

template <typename T, int V>
__device__ __forceinline__ void space_to_depth_backward(
    const T *dy, int block, int accumulate, float *dx, int rows, int width, int channels)
{
    const int depth = block * block * channels, groups = depth / V, outWidth = width / block;
    for (int row = blockIdx.y; row < rows; row += gridDim.y)
    {
        for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < outWidth * groups; i += gridDim.x * SweepThreads)
        {
            const int q = i / groups, channel = i % groups * V;
            Pack<T, V> pack;
            pack.load(dy + ((long long)row * outWidth * groups + i) * V);
#pragma unroll
            for (int v = 0; v < V; v++)
            {
                float *destination = dx + source_of(row, q, channel + v, block, width, channels);
                *destination = accumulate ? *destination + pack.value[v] : pack.value[v];
            }
        }
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL space_to_depth_bytes##S(const unsigned char *x, int block, T *y, int packs, int width, int channels) \
    { \
        space_to_depth_bytes<T, V>(x, block, y, packs, width, channels); \
    } \
    SWEEP_KERNEL space_to_depth_floats##S(const float *x, int block, T *y, int rows, int width, int channels) \
    { \
        space_to_depth_floats<T, V>(x, block, y, rows, width, channels); \
    } \
    SWEEP_KERNEL space_to_depth_backward##S( \
        const T *dy, int block, int accumulate, float *dx, int rows, int width, int channels) \
    { \
        space_to_depth_backward<T, V>(dy, block, accumulate, dx, rows, width, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)
