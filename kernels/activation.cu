// activation: y = f(x) and dy * f', with f' from the output y; f is nothing, ReLU or the sigmoid 1 / (1 + exp(-x))
//
// x, y, dy   [count] float, half or bfloat; y may lie in x's memory
// kind       Nothing, Relu or Sigmoid of common.cuh
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride.
// 1 read, 1 write a value forward; 2 reads, 1 write backward. Bound by memory. H200 at 4.8 TB/s, 25.7 MB: 10.7 us, 16.1
// us. Measured: not yet.
// Twins: engine/Operations/Activation, tools/KernelLab/Cases
#include "common.cuh"

__device__ __forceinline__ float derivative(float y, int kind)
{
    return kind == Relu ? (y > 0 ? 1 : 0) : kind == Sigmoid ? y * (1 - y) : 1;
}

template <typename T, int V> __device__ __forceinline__ void activation_forward(const T *x, int kind, T *y, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack;
        pack.load(x + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] = activate(pack.value[v], kind);
        pack.store(y + (long long)i * V);
    }
}

template <typename T, int V>
__device__ __forceinline__ void activation_backward(const T *y, int kind, T *gradient, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> output, pack;
        output.load(y + (long long)i * V);
        pack.load(gradient + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] *= derivative(output.value[v], kind);
        pack.store(gradient + (long long)i * V);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL activation_forward##S(const T *x, int kind, T *y, int packs) \
    { \
        activation_forward<T, V>(x, kind, y, packs); \
    } \
    SWEEP_KERNEL activation_backward##S(const T *y, int kind, T *gradient, int packs) \
    { \
        activation_backward<T, V>(y, kind, gradient, packs); \
    }

FOR_EVERY_TYPE(ENTRIES)
