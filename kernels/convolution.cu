// convolution: y[n,p,q,k] = sum over r,s,c of x[n,p*stride+r-padding,q*stride+s-padding,c] * w[k,r,s,c], its two
// gradients, and the folded epilogue
//
// x, dx   [pictures, height, width, inputs] float, half or bfloat, dense
// y, dy   [pictures, outHeight, outWidth, outputs]
// w, dw   [outputs, rows, columns, inputs]
// The correctness twins of the library's convolutions, and of its matrix product (1x1 window, 1x1 pictures): each is
// one matrix product by 16 x 16 tiles in shared memory, single-precision sums in a fixed order, any stride and padding,
// any alignment. Not meant to be fast; used where the library is missing.
// Block 16 x 16, one destination element a thread, 2 KiB shared.
//
// convolution_epilogue   after the library's convolution: y = f(y + bias + residual), f(z) = z >= 0 ? z : slope * z; 2
//                        reads (with residual), 1 write.
//                        Entries without suffix _any need 16-byte alignment and channels % 8 == 0
// Epilogue bound by memory. H200 at 4.8 TB/s, 64x56x56x64 bfloat: 16.1 us. Measured: not yet.
// Twins: engine/Operations/Convolution, tools/KernelLab/Cases
#include "common.cuh"

constexpr int Tile = 16; // 256 threads; two tiles of singles are 2 KiB

struct Window
{
    int pictures, height, width, inputs, outHeight, outWidth, outputs, rows, columns, stride, padding;
};

// destination[row, column] = sum over depth of left(row, d) * right(d, column).
template <typename Product>
__device__ __forceinline__ float tiled_sum(const Product &product, long long row, int column, long long depth)
{
    // One more column, so that reading down a column meets 16 banks.
    __shared__ float left[Tile][Tile + 1], right[Tile][Tile + 1];
    float sum = 0;
    for (long long d = 0; d < depth; d += Tile)
    {
        left[threadIdx.y][threadIdx.x] = product.left(row, d + threadIdx.x);
        right[threadIdx.y][threadIdx.x] = product.right(d + threadIdx.y, column);
        __syncthreads();
#pragma unroll
        for (int i = 0; i < Tile; i++)
            sum += left[threadIdx.y][i] * right[i][threadIdx.x];
        __syncthreads();
    }
    return sum;
}

// The input pixel under tap `tap` of output pixel `pixel`, times inputs; -1 outside.
__device__ __forceinline__ long long input_pixel(const Window &w, long long pixel, int tap)
{
    const int q = (int)(pixel % w.outWidth), p = (int)(pixel / w.outWidth % w.outHeight);
    const long long n = pixel / w.outWidth / w.outHeight;
    const int h = p * w.stride + tap / w.columns - w.padding, column = q * w.stride + tap % w.columns - w.padding;
    return h < 0 || h >= w.height || column < 0 || column >= w.width
               ? -1
               : ((n * w.height + h) * w.width + column) * w.inputs;
}

template <typename T> struct Forward // rows: output pixels, columns: outputs, depth: (tap, input)
{
    const T *x, *weight;
    Window w;

    __device__ __forceinline__ float left(long long pixel, long long d) const
    {
        if (pixel >= (long long)w.pictures * w.outHeight * w.outWidth || d >= w.rows * w.columns * w.inputs)
            return 0;
        const long long at = input_pixel(w, pixel, (int)(d / w.inputs));
        return at < 0 ? 0 : to_float(x[at + d % w.inputs]);
    }

    __device__ __forceinline__ float right(long long d, int k) const
    {
        const int depth = w.rows * w.columns * w.inputs;
        return k < w.outputs && d < depth ? to_float(weight[(long long)k * depth + d]) : 0;
    }
};

template <typename T> struct BackwardData // rows: input pixels, columns: inputs, depth: (tap, output)
{
    const T *dy, *weight;
    Window w;

    __device__ __forceinline__ float left(long long pixel, long long d) const
    {
        if (pixel >= (long long)w.pictures * w.height * w.width || d >= w.rows * w.columns * w.outputs)
            return 0;
        const int tap = (int)(d / w.outputs), column = (int)(pixel % w.width), h = (int)(pixel / w.width % w.height);
        const int p = h + w.padding - tap / w.columns, q = column + w.padding - tap % w.columns;
        if (p < 0 || q < 0 || p % w.stride != 0 || q % w.stride != 0 || p / w.stride >= w.outHeight ||
            q / w.stride >= w.outWidth)
            return 0;
        const long long n = pixel / w.width / w.height;
        return to_float(dy[((n * w.outHeight + p / w.stride) * w.outWidth + q / w.stride) * w.outputs + d % w.outputs]);
    }

    __device__ __forceinline__ float right(long long d, int c) const
    {
        if (c >= w.inputs || d >= w.rows * w.columns * w.outputs)
            return 0;
        return to_float(weight[(d % w.outputs * w.rows * w.columns + d / w.outputs) * w.inputs + c]);
    }
};

template <typename T> struct BackwardWeight // rows: outputs, columns: (tap, input), depth: output pixels
{
    const T *x, *dy;
    Window w;

    __device__ __forceinline__ float left(long long k, long long pixel) const
    {
        const bool inside = k < w.outputs && pixel < (long long)w.pictures * w.outHeight * w.outWidth;
        return inside ? to_float(dy[pixel * w.outputs + k]) : 0;
    }

    __device__ __forceinline__ float right(long long pixel, int column) const
    {
        if (pixel >= (long long)w.pictures * w.outHeight * w.outWidth || column >= w.rows * w.columns * w.inputs)
            return 0;
        const long long at = input_pixel(w, pixel, column / w.inputs);
        return at < 0 ? 0 : to_float(x[at + column % w.inputs]);
    }
};

// Grid: x tiles of columns, y tiles of rows (as many as fit, then strided).
template <typename T, typename Product>
__device__ __forceinline__ void multiply(
    const Product &product, long long rows, int columns, long long depth, int accumulate, T *destination)
{
    const int column = blockIdx.x * Tile + threadIdx.x;
    for (long long first = blockIdx.y * (long long)Tile; first < rows; first += gridDim.y * (long long)Tile)
    {
        const long long row = first + threadIdx.y;
        const float sum = tiled_sum(product, row, column, depth);
        if (row >= rows || column >= columns)
            continue;
        T *to = destination + row * columns + column;
        *to = from_float<T>(accumulate ? to_float(*to) + sum : sum);
    }
}

// y may not lie in the residual's memory unless at the same address.
template <typename T, int V>
__device__ __forceinline__ void convolution_epilogue(
    const float *bias, const T *residual, float slope, T *y, int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    Pack<float, V> shift;
    shift.load(bias + i % (channels / V) * V);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack, skip = {};
        pack.load(y + (long long)i * V);
        if (residual != nullptr)
            skip.load(residual + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float z = pack.value[v] + shift.value[v] + skip.value[v];
            pack.value[v] = z >= 0 ? z : slope * z;
        }
        pack.store(y + (long long)i * V);
    }
}

#define WINDOW_PARAMETERS \
    int pictures, int height, int width, int inputs, int outHeight, int outWidth, int outputs, int rows, \
    int columns, int stride, int padding
#define WINDOW {pictures, height, width, inputs, outHeight, outWidth, outputs, rows, columns, stride, padding}
#define TILE_KERNEL extern "C" __global__ void __launch_bounds__(Tile * Tile)

#define CONVOLUTIONS(S, T) \
    TILE_KERNEL convolution_forward##S(const T *x, const T *w, T *y, WINDOW_PARAMETERS) \
    { \
        const Forward<T> product = {x, w, WINDOW}; \
        const long long pixels = (long long)pictures * outHeight * outWidth; \
        multiply(product, pixels, outputs, (long long)rows * columns * inputs, 0, y); \
    } \
    TILE_KERNEL convolution_backward_data##S(const T *dy, const T *w, int accumulate, T *dx, WINDOW_PARAMETERS) \
    { \
        const BackwardData<T> product = {dy, w, WINDOW}; \
        const long long pixels = (long long)pictures * height * width; \
        multiply(product, pixels, inputs, (long long)rows * columns * outputs, accumulate, dx); \
    } \
    TILE_KERNEL convolution_backward_weight##S(const T *x, const T *dy, T *dw, WINDOW_PARAMETERS) \
    { \
        const BackwardWeight<T> product = {x, dy, WINDOW}; \
        const long long pixels = (long long)pictures * outHeight * outWidth; \
        multiply(product, (long long)outputs, rows * columns * inputs, pixels, 0, dw); \
    }

#define EPILOGUES(S, T, V) \
    SWEEP_KERNEL convolution_epilogue##S( \
        const float *bias, const T *residual, float slope, T *y, int packs, int channels) \
    { \
        convolution_epilogue<T, V>(bias, residual, slope, y, packs, channels); \
    }

CONVOLUTIONS(_f32, float)
CONVOLUTIONS(_f16, half_t)
CONVOLUTIONS(_bf16, bfloat_t)
FOR_EVERY_TYPE(EPILOGUES)
