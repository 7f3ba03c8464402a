// gradient_sum: gradients of several small batches become one
//
// First: sum = g; middle: sum += g; last: g += sum, where g was written.
//
// gradients  [count] float, read; written by the last part
// low, map   gradients a library wrote in 16 bits: low [count] T at the same places, map [count / 64] bytes, not 0
//            where low counts; or nullptr
// part       0 first, 1 middle, 2 last
// sum        [count] float
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride.
// 8 to 12 bytes a gradient. Bound by memory. H200 at 4.8 TB/s, 29 M gradients as float: 72 us. Measured: not yet.
// Twins: engine/Operations/GradientSum, tools/KernelLab/Cases
#include "common.cuh"

constexpr int MapElements = 64;  // of one entry of the map
constexpr int FirstPart = 0, LastPart = 2;

template <typename T, int V> __device__ __forceinline__ void add_part(T *values, float *sum, int part)
{
    Pack<T, V> value;
    value.load(values);
    Pack<float, V> total;
    if (part == FirstPart)
    {
#pragma unroll
        for (int v = 0; v < V; v++)
            total.value[v] = 0;
    }
    else
    {
        total.load(sum);
    }
#pragma unroll
    for (int v = 0; v < V; v++)
        value.value[v] = total.value[v] = total.value[v] + value.value[v];
    if (part == LastPart)
        value.store(values);
    else
        total.store(sum);
}

template <typename T, int V>
__device__ __forceinline__ void gradient_sum(
    float *gradients, T *low, const unsigned char *map, int part, float *sum, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        const long long at = (long long)i * V;
        if (map != nullptr && map[i / (MapElements / V)])
            add_part<T, V>(low + at, sum + at, part);
        else
            add_part<float, V>(gradients + at, sum + at, part);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL gradient_sum##S( \
        float *gradients, T *low, const unsigned char *map, int part, float *sum, int packs) \
    { \
        gradient_sum<T, V>(gradients, low, map, part, sum, packs); \
    }

FOR_EVERY_TYPE(ENTRIES)
