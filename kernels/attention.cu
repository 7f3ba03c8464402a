// attention: scaled dot-product attention of several heads (Vaswani et al. 2017), in two halves, so that dropout can
// act on the probabilities between them
//
// probabilities = softmax over the pixels s of scale * (query[l] . key[s]), scale = 1 / sqrt(width of a head)
// output[l] = sum over s of probabilities[l, s] * value[s], for each picture and head
//
// query, output                [pictures, queries, heads * width] float, half or bfloat, dense; gradients likewise
// key, value                   [pictures, pixels, heads * width], of the same type; gradients likewise
// probabilities, scores        [pictures, heads, queries, pixels] float always: a softmax over hundreds of pixels would
//                              lose the small ones in 8 bits
// Any address, any count. A head's columns are a view of the tensor with its stride, nothing is transposed in memory.
//
// attention_scores             scores = factor * left[l] . right[s]: of query and key, and of dy and value
// attention_by_queries         y[l] = factor * sum over s of weights[l, s] * x[s]: the output, and query's gradient
// attention_by_pixels          y[s] = factor * sum over l of weights[l, s] * x[l]: gradients of key and value
//   16 x 16 elements a block (tile_product.cuh), grid x columns, y rows, z picture and head
// attention_softmax            in place, a warp a row: 3 reads, 2 writes a value, all but the first from the caches
// attention_softmax_backward   in place over the probabilities' gradient: p * (dp - sum over the row of p * dp)
// 128 pictures, 100 queries, 49 pixels, 768 wide: 1 GFLOP a product, 20 MB of scores and 39 or 19 MB of each operand in
// single precision. H200 at 4.8 TB/s: 25 us if memory bound it, but every product reads shared memory twice, so about
// 0.1 ms each. Strided batched products of cuBLAS could take over the three products later (batch: picture and head,
// leading dimension heads * width). Measured: not yet.
// Twins: engine/Operations/Attention, tools/KernelLab/Cases
#include "tile_product.cuh"

constexpr int RowsOfBlock = SweepThreads / 32;

// What a picture and head have of [pictures, rows, heads * width] begins here.
__device__ __forceinline__ long long head_begin(int item, int heads, int rows, int width)
{
    return ((long long)(item / heads) * rows * heads + item % heads) * width;
}

template <typename T>
__device__ __forceinline__ void attention_scores(const T *left, const T *right, float factor, float *scores, int items,
    int heads, int queries, int pixels, int width)
{
    const int firstRow = blockIdx.y * ProductTile, firstColumn = blockIdx.x * ProductTile;
    const int row = firstRow + threadIdx.y, column = firstColumn + threadIdx.x;
    for (int item = blockIdx.z; item < items; item += gridDim.z)
    {
        const Operand<T, false> a = {left + head_begin(item, heads, queries, width), heads * width, queries};
        const Operand<T, false> b = {right + head_begin(item, heads, pixels, width), heads * width, pixels};
        const float sum = tile_product(a, b, width, firstRow, firstColumn);
        if (row < queries && column < pixels)
            scores[((long long)item * queries + row) * pixels + column] = factor * sum;
    }
}

template <typename T>
__device__ __forceinline__ void attention_by_queries(const float *weights, const T *x, float factor, T *y, int items,
    int heads, int queries, int pixels, int width)
{
    const int firstRow = blockIdx.y * ProductTile, firstColumn = blockIdx.x * ProductTile;
    const int row = firstRow + threadIdx.y, column = firstColumn + threadIdx.x;
    for (int item = blockIdx.z; item < items; item += gridDim.z)
    {
        const Operand<float, false> a = {weights + (long long)item * queries * pixels, pixels, queries};
        const Operand<T, true> b = {x + head_begin(item, heads, pixels, width), heads * width, width};
        const float sum = tile_product(a, b, pixels, firstRow, firstColumn);
        if (row < queries && column < width)
            y[head_begin(item, heads, queries, width) + (long long)row * heads * width + column] =
                from_float<T>(factor * sum);
    }
}

template <typename T>
__device__ __forceinline__ void attention_by_pixels(const float *weights, const T *x, float factor, T *y, int items,
    int heads, int queries, int pixels, int width)
{
    const int firstRow = blockIdx.y * ProductTile, firstColumn = blockIdx.x * ProductTile;
    const int row = firstRow + threadIdx.y, column = firstColumn + threadIdx.x;
    for (int item = blockIdx.z; item < items; item += gridDim.z)
    {
        const Operand<float, true> a = {weights + (long long)item * queries * pixels, pixels, pixels};
        const Operand<T, true> b = {x + head_begin(item, heads, queries, width), heads * width, width};
        const float sum = tile_product(a, b, queries, firstRow, firstColumn);
        if (row < pixels && column < width)
            y[head_begin(item, heads, pixels, width) + (long long)row * heads * width + column] =
                from_float<T>(factor * sum);
    }
}

// The sum over a warp's threads, in a fixed order; every thread gets it.
__device__ __forceinline__ float warp_sum(float value)
{
    for (int distance = 16; distance > 0; distance /= 2)
        value += __shfl_xor_sync(0xFFFFFFFF, value, distance);
    return value;
}

// A value that is not a number makes its whole row so: its exponential is none, and neither is the sum.
SWEEP_KERNEL attention_softmax(float *scores, int rows, int pixels)
{
    const int lane = threadIdx.x % 32;
    for (int row = blockIdx.x * RowsOfBlock + threadIdx.x / 32; row < rows; row += gridDim.x * RowsOfBlock)
    {
        float *values = scores + (long long)row * pixels;
        float largest = __int_as_float(0xFF800000), sum = 0;
        for (int i = lane; i < pixels; i += 32)
            largest = fmaxf(largest, values[i]);
        for (int distance = 16; distance > 0; distance /= 2)
            largest = fmaxf(largest, __shfl_xor_sync(0xFFFFFFFF, largest, distance));
        for (int i = lane; i < pixels; i += 32)
            sum += values[i] = expf(values[i] - largest);
        const float share = 1 / warp_sum(sum);
        for (int i = lane; i < pixels; i += 32)
            values[i] *= share;
    }
}

SWEEP_KERNEL attention_softmax_backward(const float *probabilities, float *gradient, int rows, int pixels)
{
    const int lane = threadIdx.x % 32;
    for (int row = blockIdx.x * RowsOfBlock + threadIdx.x / 32; row < rows; row += gridDim.x * RowsOfBlock)
    {
        const float *p = probabilities + (long long)row * pixels;
        float *values = gradient + (long long)row * pixels;
        float sum = 0;
        for (int i = lane; i < pixels; i += 32)
            sum += p[i] * values[i];
        sum = warp_sum(sum);
        for (int i = lane; i < pixels; i += 32)
            values[i] = p[i] * (values[i] - sum);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL attention_scores##S(const T *left, const T *right, float factor, float *scores, int items, int heads, \
        int queries, int pixels, int width) \
    { \
        attention_scores<T>(left, right, factor, scores, items, heads, queries, pixels, width); \
    } \
    SWEEP_KERNEL attention_by_queries##S(const float *weights, const T *x, float factor, T *y, int items, int heads, \
        int queries, int pixels, int width) \
    { \
        attention_by_queries<T>(weights, x, factor, y, items, heads, queries, pixels, width); \
    } \
    SWEEP_KERNEL attention_by_pixels##S(const float *weights, const T *x, float factor, T *y, int items, int heads, \
        int queries, int pixels, int width) \
    { \
        attention_by_pixels<T>(weights, x, factor, y, items, heads, queries, pixels, width); \
    }

FOR_EVERY_ANY_TYPE(ENTRIES)
