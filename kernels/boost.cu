// boost: y = factor * x where x > 0, else x, and the gradient
//
// x, y, dy   [count] float, half or bfloat; y may lie in x's memory
// factor     above 0
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride.
// 1 read, 1 write a value forward; 2 reads, 1 write backward. Bound by memory. H200 at 4.8 TB/s, 25.7 MB: 10.7 us, 16.1
// us. Measured: not yet.
// Twins: engine/Operations/Boost, tools/KernelLab/Cases
#include "common.cuh"

template <typename T, int V> __device__ __forceinline__ void boost_forward(const T *x, float factor, T *y, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack;
        pack.load(x + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] *= pack.value[v] > 0 ? factor : 1;
        pack.store(y + (long long)i * V);
    }
}

template <typename T, int V>
__device__ __forceinline__ void boost_backward(const T *y, float factor, T *gradient, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> output, pack;
        output.load(y + (long long)i * V);
        pack.load(gradient + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] *= output.value[v] > 0 ? factor : 1;
        pack.store(gradient + (long long)i * V);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL boost_forward##S(const T *x, float factor, T *y, int packs) \
    { \
        boost_forward<T, V>(x, factor, y, packs); \
    } \
    SWEEP_KERNEL boost_backward##S(const T *y, float factor, T *gradient, int packs) \
    { \
        boost_backward<T, V>(y, factor, gradient, packs); \
    }

FOR_EVERY_TYPE(ENTRIES)
