// tile_product.cuh: 16 x 16 elements of a product of matrices, a block of 256 threads, a thread an element
//
// For small products of many pairs of matrices, where a library's call each would cost more than the product. Both
// operands come through shared memory, each read along its contiguous axis, so a warp reads two runs of 64 bytes.
// Every element is summed in the order of k, in single precision: its bits depend on the depth alone.
#pragma once
#include "common.cuh"

constexpr int ProductTile = 16;

// An operand: element (i, k) at first[i * stride + k], or, turned, at first[k * stride + i]. i < count.
template <typename T, bool Turned> struct Operand
{
    const T *first;
    long long stride;
    int count;

    // The 16 x 16 part at (i, k) into shared memory, [i][k]; 0 outside.
    __device__ __forceinline__ void bring(
        int i, int k, int depth, float (&tile)[ProductTile][ProductTile + 1]) const
    {
        const int x = threadIdx.x, y = threadIdx.y;
        if (Turned)
            tile[x][y] = i + x < count && k + y < depth ? to_float(first[(k + y) * stride + i + x]) : 0;
        else
            tile[y][x] = i + y < count && k + x < depth ? to_float(first[(i + y) * stride + k + x]) : 0;
    }
};

// The sum over k of left(row, k) * right(column, k) for this thread's element (firstRow + threadIdx.y, firstColumn +
// threadIdx.x) of the tile. Every thread of the block takes part.
template <typename Left, typename Right>
__device__ __forceinline__ float tile_product(
    const Left &left, const Right &right, int depth, int firstRow, int firstColumn)
{
    __shared__ float rows[ProductTile][ProductTile + 1], columns[ProductTile][ProductTile + 1];
    float sum = 0;
    for (int k = 0; k < depth; k += ProductTile)
    {
        left.bring(firstRow, k, depth, rows);
        right.bring(firstColumn, k, depth, columns);
        __syncthreads();
#pragma unroll
        for (int i = 0; i < ProductTile; i++)
            sum += rows[threadIdx.y][i] * columns[threadIdx.x][i];
        __syncthreads();
    }
    return sum;
}
