// finite_check: flag becomes 1 if any value is infinite or not a number
//
// input   [count] float, half or bfloat
// flag    [1] int, only ever set
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride; one atomic per block that found any.
// 1 read a value. Bound by memory. H200 at 4.8 TB/s, 29 M gradients as float: 24 us. Measured: not yet.
// Twins: engine/Operations/FiniteCheck, tools/KernelLab/Cases
#include "common.cuh"

template <typename T, int V> __device__ __forceinline__ void finite_check(const T *input, int *flag, int packs)
{
    int bad = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack;
        pack.load(input + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            bad |= (__float_as_uint(pack.value[v]) & 0x7F800000) == 0x7F800000; // all ones in the exponent
    }
    if (__syncthreads_or(bad) && threadIdx.x == 0)
        atomicOr(flag, 1);
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL finite_check##S(const T *input, int *flag, int packs) { finite_check<T, V>(input, flag, packs); }

FOR_EVERY_TYPE(ENTRIES)
