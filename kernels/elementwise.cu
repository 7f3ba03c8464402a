// elementwise: destination = value, destination += source, the source again and again, and copies between single
// precision and a 16-bit type
//
// source, destination   [count] float, half or bfloat; of repeat float
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride.
// fill 1 write a value; add 2 reads, 1 write; repeat 1 write, its source stays in the cache; narrow (float to T) and
// widen (T to float) 6 bytes a value.
// Bound by memory. H200 at 4.8 TB/s, 25.7 MB: fill 5.4 us, add 16.1 us. Measured: not yet.
// Twins: engine/Operations/Elementwise, tools/KernelLab/Cases
#include "common.cuh"

template <typename T, int V> __device__ __forceinline__ void fill(float value, T *destination, int packs)
{
    Pack<T, V> pack;
#pragma unroll
    for (int v = 0; v < V; v++)
        pack.value[v] = value;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
        pack.store(destination + (long long)i * V);
}

template <typename T, int V> __device__ __forceinline__ void add(const T *source, T *destination, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> from, to;
        from.load(source + (long long)i * V);
        to.load(destination + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            to.value[v] += from.value[v];
        to.store(destination + (long long)i * V);
    }
}

template <typename From, typename To, int V>
__device__ __forceinline__ void convert(const From *source, To *destination, int packs)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<From, V> from;
        Pack<To, V> to;
        from.load(source + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            to.value[v] = from.value[v];
        to.store(destination + (long long)i * V);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL fill##S(float value, T *destination, int packs) { fill<T, V>(value, destination, packs); } \
    SWEEP_KERNEL add##S(const T *source, T *destination, int packs) { add<T, V>(source, destination, packs); }

#define CONVERSIONS(S, T, V) \
    SWEEP_KERNEL narrow##S(const float *source, T *destination, int packs) \
    { \
        convert<float, T, V>(source, destination, packs); \
    } \
    SWEEP_KERNEL widen##S(const T *source, float *destination, int packs) \
    { \
        convert<T, float, V>(source, destination, packs); \
    }

FOR_EVERY_TYPE(ENTRIES)
FOR_EVERY_16_BIT_TYPE(CONVERSIONS)

SWEEP_KERNEL repeat(const float *source, int length, float *destination, int count)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
        destination[i] = source[i % length];
}
