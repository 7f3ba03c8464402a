// layer_norm: y = (x - mean) / sqrt(variance + epsilon) * w + b over rows, and the gradients
//
// x, y, dy, dx   [rows, width] float
// w, b, dw, db   [width] float
// statistics     [rows, 2] float: mean and 1 / sqrt(variance + epsilon), or nullptr
// Any count; fp32 as everything in the head. Sums in a fixed order: equal runs are equal to the bit.
//
// layer_norm_forward, layer_norm_backward_data
//   one block of 256 threads a row, grid-stride; a thread has every 256th value, the block adds up in a tree
// layer_norm_backward_weight
//   column sums: 32 columns x 16 rows a block, rows in a fixed order
// forward 3 reads of x (2 from the cache), 1 write; backward 2 reads of x and dy, 1 write; weights 1 read of both.
// 12,800 rows of 768: 39 MB each. H200 at 4.8 TB/s: 16 us, 25 us, 16 us. Measured: not yet.
// Twins: engine/Operations/LayerNorm, tools/KernelLab/Cases
#include "reduction.cuh"

// The sum over a block's threads, in every thread.
__device__ __forceinline__ float sum_block(float value)
{
    __shared__ float shared[SweepThreads];
    shared[threadIdx.x] = value;
    __syncthreads();
    for (int half = SweepThreads / 2; half > 0; half /= 2)
    {
        if ((int)threadIdx.x < half)
            shared[threadIdx.x] += shared[threadIdx.x + half];
        __syncthreads();
    }
    const float sum = shared[0];
    __syncthreads();
    return sum;
}

SWEEP_KERNEL layer_norm_forward(
    const float *x, const float *w, const float *b, float epsilon, float *statistics, float *y, int rows, int width)
{
    for (int row = blockIdx.x; row < rows; row += gridDim.x)
    {
        const float *from = x + (long long)row * width;
        float sum = 0, squares = 0;
        for (int c = threadIdx.x; c < width; c += SweepThreads)
            sum += from[c];
        const float mean = sum_block(sum) / width;
        for (int c = threadIdx.x; c < width; c += SweepThreads)
            squares += (from[c] - mean) * (from[c] - mean);
        const float inverse = 1 / sqrtf(sum_block(squares) / width + epsilon);
        for (int c = threadIdx.x; c < width; c += SweepThreads)
            y[(long long)row * width + c] = (from[c] - mean) * inverse * w[c] + b[c];
        if (statistics != nullptr && threadIdx.x == 0)
        {
            statistics[2ll * row] = mean;
            statistics[2ll * row + 1] = inverse;
        }
    }
}

SWEEP_KERNEL layer_norm_backward_data(const float *x, const float *w, const float *statistics, const float *dy,
    int accumulate, float *dx, int rows, int width)
{
    for (int row = blockIdx.x; row < rows; row += gridDim.x)
    {
        const long long first = (long long)row * width;
        const float mean = statistics[2ll * row], inverse = statistics[2ll * row + 1];
        float sum = 0, products = 0;
        for (int c = threadIdx.x; c < width; c += SweepThreads)
        {
            const float gradient = dy[first + c] * w[c];
            sum += gradient;
            products += gradient * (x[first + c] - mean) * inverse;
        }
        const float ofGradient = sum_block(sum) / width, ofNormalized = sum_block(products) / width;
        for (int c = threadIdx.x; c < width; c += SweepThreads)
        {
            const float normalized = (x[first + c] - mean) * inverse;
            const float value = (dy[first + c] * w[c] - ofGradient - normalized * ofNormalized) * inverse;
            dx[first + c] = accumulate ? dx[first + c] + value : value;
        }
    }
}

FINISH_KERNEL layer_norm_backward_weight(
    const float *x, const float *statistics, const float *dy, int rows, int width, float *dw, float *db)
{
    const int column = blockIdx.x * FinishColumns + threadIdx.x;
    const bool inside = column < width;
    float totals[2] = {};
    for (int row = threadIdx.y; inside && row < rows; row += FinishRows)
    {
        const float gradient = dy[(long long)row * width + column];
        totals[0] += gradient * (x[(long long)row * width + column] - statistics[2ll * row])
            * statistics[2ll * row + 1];
        totals[1] += gradient;
    }
    if (finish_columns<2>(totals, inside))
    {
        dw[column] = totals[0];
        db[column] = totals[1];
    }
}
