// finite_check: flag becomes 1 if any value is infinite or not a number
//
// input   [count] float, half or bfloat
// flag    [1] int, only ever set
// gradients_finite_check: of gradients in two buffers, float and T [count], that which counts: map [count / 64] bytes,
// not 0 where it is the one of type T
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride; one atomic per block that found any.
// 1 read a value. Bound by memory. H200 at 4.8 TB/s, 29 M gradients as float: 24 us. Measured: not yet.
// Twins: engine/Operations/FiniteCheck, tools/KernelLab/Cases
#include "common.cuh"

// All ones in the exponent.
template <typename T, int V> __device__ __forceinline__ int is_bad(const Pack<T, V> &pack)
{
    int bad = 0;
#pragma unroll
    for (int v = 0; v < V; v++)
        bad |= (__float_as_uint(pack.value[v]) & 0x7F800000) == 0x7F800000;
    return bad;
}

__device__ __forceinline__ void raise(int bad, int *flag)
{
    if (__syncthreads_or(bad) && threadIdx.x == 0)
        atomicOr(flag, 1);
}

template <typename T, int V> __device__ __forceinline__ void finite_check(const T *input, int *flag, int packs)
{
    int bad = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack;
        pack.load(input + (long long)i * V);
        bad |= is_bad(pack);
    }
    raise(bad, flag);
}

constexpr int MapElements = 64; // of one entry of the map

template <typename T, int V>
__device__ __forceinline__ void gradients_finite_check(
    const float *gradients, const T *low, const unsigned char *map, int *flag, int packs)
{
    int bad = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        if (map[i / (MapElements / V)])
        {
            Pack<T, V> pack;
            pack.load(low + (long long)i * V);
            bad |= is_bad(pack);
        }
        else
        {
            Pack<float, V> pack;
            pack.load(gradients + (long long)i * V);
            bad |= is_bad(pack);
        }
    }
    raise(bad, flag);
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL finite_check##S(const T *input, int *flag, int packs) { finite_check<T, V>(input, flag, packs); } \
    SWEEP_KERNEL gradients_finite_check##S( \
        const float *gradients, const T *low, const unsigned char *map, int *flag, int packs) \
    { \
        gradients_finite_check<T, V>(gradients, low, map, flag, packs); \
    }

FOR_EVERY_TYPE(ENTRIES)
