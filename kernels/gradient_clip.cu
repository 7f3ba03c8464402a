// gradient_clip: the factor that keeps the norm of a whole gradient within a limit
//
// factor = min(1, limit / (norm + 1e-6)), norm = sqrt(sum of g g) / lossScale
//
// gradients  [count] float
// low, map   gradients a library wrote in 16 bits: low [count] T at the same places, map [count / 64] bytes, not 0
//            where low counts; or nullptr
// parts      [blocks] float, a block's share of the sum, added in a fixed order by gradient_clip_finish
// lossScale  [1] float, or nullptr
// factor     [1] float
// Entries without suffix _any need 16-byte alignment and count % 8 == 0. One thread, 8 neighbouring values,
// grid-stride.
// 4 bytes a gradient, or those of T. Bound by memory. H200 at 4.8 TB/s, 29 M gradients as float: 24 us. Measured: not
// yet.
// Twins: engine/Operations/GradientClip, tools/KernelLab/Cases
#include "common.cuh"

constexpr int MapElements = 64;     // of one entry of the map
constexpr float LeastNorm = 1e-6f;  // PyTorch's: a gradient of zeros has a factor

template <typename T, int V> __device__ __forceinline__ float squares(const Pack<T, V> &pack)
{
    float sum = 0;
#pragma unroll
    for (int v = 0; v < V; v++)
        sum += pack.value[v] * pack.value[v];
    return sum;
}

template <typename T, int V>
__device__ __forceinline__ void gradient_squares(
    const float *gradients, const T *low, const unsigned char *map, float *parts, int packs)
{
    float sum = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < packs; i += gridDim.x * SweepThreads)
    {
        if (map != nullptr && map[i / (MapElements / V)])
        {
            Pack<T, V> pack;
            pack.load(low + (long long)i * V);
            sum += squares(pack);
        }
        else
        {
            Pack<float, V> pack;
            pack.load(gradients + (long long)i * V);
            sum += squares(pack);
        }
    }
    keep_part(sum, parts);
}

SWEEP_KERNEL gradient_clip_finish(const float *parts, int count, const float *lossScale, float limit, float *factor)
{
    float sum = 0;
    for (int i = threadIdx.x; i < count; i += SweepThreads)
        sum += parts[i];
    sum = block_sum(sum);
    const float norm = lossScale != nullptr ? sqrtf(sum) / lossScale[0] : sqrtf(sum);
    if (threadIdx.x == 0)
        factor[0] = fminf(1, limit / (norm + LeastNorm));
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL gradient_squares##S( \
        const float *gradients, const T *low, const unsigned char *map, float *parts, int packs) \
    { \
        gradient_squares<T, V>(gradients, low, map, parts, packs); \
    }

FOR_EVERY_TYPE(ENTRIES)
