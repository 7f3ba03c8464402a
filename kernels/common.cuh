// common.cuh: what the kernels share. Needs no header of CUDA's, so NVRTC compiles it on machines without a toolkit;
// nvcc takes it too.
//
// Storage   float, half_t (IEEE half) and bfloat_t (upper 16 bits of a single). They only store: all arithmetic is in
//           single precision.
// Pack      V neighbouring elements of one pixel as singles. V = 8 is the fast path (16-byte accesses, addresses
//           16-byte aligned, channels a multiple of 8), V = 1 takes any address and any channel count. A kernel "name"
//           has entries name_f32, name_f16, name_bf16 (V = 8) and name_f32_any, name_f16_any, name_bf16_any (V = 1).
// Sweep     a kernel over [pixels, channels]: the launcher makes the grid's threads a multiple of the channel packs, so
//           that a thread stays with its channels and loads what belongs to a channel once.
// Sums      over pixels: reduction.cuh.
#pragma once

// 8 warps: enough blocks fit on a multiprocessor at 64 registers, and small tensors still fill several
constexpr int SweepThreads = 256;

struct half_t { unsigned short bits; };
struct bfloat_t { unsigned short bits; };

__device__ __forceinline__ float to_float(float value) { return value; }

__device__ __forceinline__ float to_float(half_t value)
{
    float result;
    asm("cvt.f32.f16 %0, %1;" : "=f"(result) : "h"(value.bits));
    return result;
}

__device__ __forceinline__ float to_float(bfloat_t value) { return __uint_as_float((unsigned)value.bits << 16); }

// Round to nearest, ties to even; a value that is not a number stays one.
template <typename T> __device__ __forceinline__ T from_float(float value);

template <> __device__ __forceinline__ float from_float<float>(float value) { return value; }

template <> __device__ __forceinline__ half_t from_float<half_t>(float value)
{
    half_t result;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
    return result;
}

template <> __device__ __forceinline__ bfloat_t from_float<bfloat_t>(float value)
{
    bfloat_t result;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(result.bits) : "f"(value));
#else
    const unsigned bits = __float_as_uint(value);
    result.bits = value != value ? 0x7FFF : (unsigned short)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
#endif
    return result;
}

// V elements, one after the other.
template <typename T, int V> struct Pack
{
    float value[V];

    __device__ __forceinline__ void load(const T *source)
    {
        static_assert(V == 1, "8 elements have their own way");
        value[0] = to_float(source[0]);
    }

    __device__ __forceinline__ void store(T *destination) const { destination[0] = from_float<T>(value[0]); }
};

template <> struct Pack<float, 8>
{
    float value[8];

    __device__ __forceinline__ void load(const float *source)
    {
        unpack(reinterpret_cast<const float4 *>(source)[0], reinterpret_cast<const float4 *>(source)[1]);
    }

    __device__ __forceinline__ void unpack(const float4 &low, const float4 &high)
    {
        value[0] = low.x, value[1] = low.y, value[2] = low.z, value[3] = low.w;
        value[4] = high.x, value[5] = high.y, value[6] = high.z, value[7] = high.w;
    }

    __device__ __forceinline__ void store(float *destination) const
    {
        reinterpret_cast<float4 *>(destination)[0] = make_float4(value[0], value[1], value[2], value[3]);
        reinterpret_cast<float4 *>(destination)[1] = make_float4(value[4], value[5], value[6], value[7]);
    }
};

// Two 16-bit elements in a word, the first one in the lower half.
__device__ __forceinline__ unsigned join(unsigned short low, unsigned short high)
{
    return low | ((unsigned)high << 16);
}

template <typename T> __device__ __forceinline__ unsigned pack_two(float low, float high)
{
    return join(from_float<T>(low).bits, from_float<T>(high).bits);
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
template <> __device__ __forceinline__ unsigned pack_two<half_t>(float low, float high)
{
    unsigned result;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
    return result;
}

template <> __device__ __forceinline__ unsigned pack_two<bfloat_t>(float low, float high)
{
    unsigned result;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(result) : "f"(high), "f"(low));
    return result;
}
#endif

template <typename T> struct Pack16
{
    float value[8];

    __device__ __forceinline__ void load(const T *source) { unpack(*reinterpret_cast<const uint4 *>(source)); }

    __device__ __forceinline__ void unpack(const uint4 &words)
    {
        split(words.x, value[0], value[1]);
        split(words.y, value[2], value[3]);
        split(words.z, value[4], value[5]);
        split(words.w, value[6], value[7]);
    }

    __device__ __forceinline__ void store(T *destination) const
    {
        *reinterpret_cast<uint4 *>(destination) = make_uint4(pack_two<T>(value[0], value[1]),
            pack_two<T>(value[2], value[3]), pack_two<T>(value[4], value[5]), pack_two<T>(value[6], value[7]));
    }

    __device__ __forceinline__ static void split(unsigned word, float &low, float &high)
    {
        T element;
        element.bits = (unsigned short)word;
        low = to_float(element);
        element.bits = (unsigned short)(word >> 16);
        high = to_float(element);
    }
};

template <> struct Pack<half_t, 8> : Pack16<half_t> {};
template <> struct Pack<bfloat_t, 8> : Pack16<bfloat_t> {};

// A pack as it lies in memory: half the registers of 16-bit elements while it is on its way.
template <typename T, int V> struct Raw
{
    T element;

    __device__ __forceinline__ void load(const T *source) { element = source[0]; }

    __device__ __forceinline__ void unpack(Pack<T, V> &pack) const { pack.value[0] = to_float(element); }
};

template <> struct Raw<float, 8>
{
    float4 low, high;

    __device__ __forceinline__ void load(const float *source)
    {
        low = reinterpret_cast<const float4 *>(source)[0];
        high = reinterpret_cast<const float4 *>(source)[1];
    }

    __device__ __forceinline__ void unpack(Pack<float, 8> &pack) const { pack.unpack(low, high); }
};

template <typename T> struct Raw16
{
    uint4 words;

    __device__ __forceinline__ void load(const T *source) { words = *reinterpret_cast<const uint4 *>(source); }

    __device__ __forceinline__ void unpack(Pack<T, 8> &pack) const { pack.unpack(words); }
};

template <> struct Raw<half_t, 8> : Raw16<half_t> {};
template <> struct Raw<bfloat_t, 8> : Raw16<bfloat_t> {};

// Not fmaxf: a value that is not a number must stay one, or a broken step would look whole.
__device__ __forceinline__ float relu(float z) { return z < 0 ? 0 : z; }

// The functions of activation.cu and linear.cu: the numbers are those of ActivationKind, and
// CudaKernels.Number refuses any other.
enum { Nothing = 0, Relu = 1, Sigmoid = 2 };

__device__ __forceinline__ float activate(float z, int kind)
{
    return kind == Relu ? relu(z) : kind == Sigmoid ? 1 / (1 + expf(-z)) : z;
}

// The sum over a block's threads, in a fixed order; every thread gets it. Threads a multiple of 32.
__device__ __forceinline__ float block_sum(float value)
{
    __shared__ float warps[32];
    for (int distance = 16; distance > 0; distance /= 2)
        value += __shfl_xor_sync(0xFFFFFFFF, value, distance);
    if (threadIdx.x % 32 == 0)
        warps[threadIdx.x / 32] = value;
    __syncthreads();
    float sum = 0;
    for (int warp = 0; warp < (int)blockDim.x / 32; warp++)
        sum += warps[warp];
    __syncthreads();
    return sum;
}

// A block's share of one total, of SweepThreads threads, and in a second launch of one block the total of all shares,
// always in the same order.
__device__ __forceinline__ void keep_part(float value, float *parts)
{
    const float sum = block_sum(value);
    if (threadIdx.x == 0)
        parts[blockIdx.x] = sum;
}

__device__ __forceinline__ void add_parts(const float *parts, int count, float *total)
{
    float sum = 0;
    for (int i = threadIdx.x; i < count; i += SweepThreads)
        sum += parts[i];
    keep_part(sum, total);
}

// M(suffix, element type, pack width) for every entry of a kernel.
#define FOR_EVERY_TYPE(M) FOR_EVERY_FAST_TYPE(M) FOR_EVERY_ANY_TYPE(M)
#define FOR_EVERY_FAST_TYPE(M) M(_f32, float, 8) M(_f16, half_t, 8) M(_bf16, bfloat_t, 8)
#define FOR_EVERY_ANY_TYPE(M) M(_f32_any, float, 1) M(_f16_any, half_t, 1) M(_bf16_any, bfloat_t, 1)
#define FOR_EVERY_16_BIT_TYPE(M) \
    M(_f16, half_t, 8) M(_bf16, bfloat_t, 8) M(_f16_any, half_t, 1) M(_bf16_any, bfloat_t, 1)

#define SWEEP_KERNEL extern "C" __global__ void __launch_bounds__(SweepThreads)
