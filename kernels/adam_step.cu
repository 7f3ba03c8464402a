// adam_step: Adam with L2 into the gradient or AdamW, weight average, and the parameters' 16-bit copy, over the flat
// buffers; loss scaling on the device
//
// g = gradient / lossScale * clip + decay * p, m = (1 - c1) m + c1 g, v = beta2 v + (1 - beta2) g g, p -= factor *
// (rate * decoupledDecay * p + rate / correction1 * m / (sqrt(v / correction2) + eps)), e = d e + (1 - d) p; both
// decays for the first `decayed` elements only; factor = bodyFactor where bodyMap is not 0, else 1: where it is 0
// nothing is touched, the average neither
//
// schedule     [steps, 6] float: rate, c1 = 1 - beta1, 1 - beta1^t, 1 - beta2^t, d (the average's decay, which may warm
//              up), 1 - d; row step[0]
// skip         [1] int: not 0 leaves everything as it is, the step too
// gradients    [trained] float
// low, lowMap  gradients a library wrote in 16 bits: low [trained] T at the same places, lowMap [trained / 64] bytes,
//              not 0 where low counts; or nullptr
// lossScale    [1] float, or nullptr; clip [1] float, or nullptr
// bodyMap      [total / 64] bytes, or nullptr
// parameters   [total] float, in place; firstMoment, secondMoment [trained] float, in place; average [total] float or
//              nullptr, in place
// compute      [total] T, the rounded parameters, or nullptr
// One thread, four neighbouring elements: entries of the flat buffers begin at 256 bytes. What is not aligned is done
// one by one.
// 28 bytes a trained element (g, p, m, v read; p, m, v written), 8 for the average, 2 for the 16-bit copy. Gradients
// are written, not added to, by every layer, so none is reset here.
// Bound by memory. H200 at 4.8 TB/s, 29 M parameters with average and copy: 230 us. Measured: not yet.
// adam_advance increases the step in a launch of its own: every block of adam_step must read the same row.
// loss_scale_apply multiplies the loss gradient; loss_scale_update: after an overflow the scale is divided, after
// `interval` good steps multiplied.
// Twins: engine/Operations/AdamStep, tools/KernelLab/Cases
#include "common.cuh"

constexpr int MapElements = 64; // entries of the flat buffers are multiples of it

// Four neighbouring elements.
template <typename T> struct Quad
{
    float value[4];

    __device__ __forceinline__ void load(const T *source)
    {
        const uint2 words = *reinterpret_cast<const uint2 *>(source);
        Pack16<T>::split(words.x, value[0], value[1]);
        Pack16<T>::split(words.y, value[2], value[3]);
    }

    __device__ __forceinline__ void store(T *destination) const
    {
        *reinterpret_cast<uint2 *>(destination) =
            make_uint2(pack_two<T>(value[0], value[1]), pack_two<T>(value[2], value[3]));
    }
};

template <> struct Quad<float>
{
    float value[4];

    __device__ __forceinline__ void load(const float *source)
    {
        const float4 words = *reinterpret_cast<const float4 *>(source);
        value[0] = words.x, value[1] = words.y, value[2] = words.z, value[3] = words.w;
    }

    __device__ __forceinline__ void store(float *destination) const
    {
        *reinterpret_cast<float4 *>(destination) = make_float4(value[0], value[1], value[2], value[3]);
    }
};

template <typename... Pointers> __device__ __forceinline__ bool is_aligned(Pointers... pointers)
{
    return ((... | (unsigned long long)pointers) & 15) == 0;
}

template <typename T>
__device__ __forceinline__ void adam_step(const float *gradients, const T *low, const unsigned char *lowMap,
    const float *schedule, const int *skip, const int *step, const float *lossScale, const float *clip,
    const unsigned char *bodyMap, float beta2, float complement2, float epsilon, float weightDecay,
    float decoupledDecay, float bodyFactor, float *parameters, float *firstMoment, float *secondMoment, float *average,
    T *compute, long long decayed, long long trained, long long total)
{
    if (skip[0] != 0)
        return;
    const float *row = schedule + 6ll * step[0];
    const float complement1 = row[1], stepSize = row[0] / row[2], rootCorrection2 = 1 / sqrtf(row[3]);
    const float averageDecay = row[4], averageComplement = row[5], shrink = row[0] * decoupledDecay;
    const float unscale = (lossScale != nullptr ? 1 / lossScale[0] : 1) * (clip != nullptr ? clip[0] : 1);
    const auto factor_of = [&](long long i)
    {
        return bodyMap != nullptr && bodyMap[i / MapElements] ? bodyFactor : 1;
    };
    const auto step_of = [&](long long i, float factor, float p, float g, float &m, float &v)
    {
        g = g * unscale + (i < decayed ? weightDecay * p : 0);
        m = (1 - complement1) * m + complement1 * g;
        v = beta2 * v + complement2 * g * g;
        return p
            - factor
            * ((i < decayed ? shrink * p : 0) + stepSize * m / (sqrtf(v) * rootCorrection2 + epsilon));
    };
    const long long first = blockIdx.x * (long long)SweepThreads + threadIdx.x,
                    threads = gridDim.x * (long long)SweepThreads;
    // Four elements at a time: a map's entry is theirs together, and so is being trained.
    const long long quads = is_aligned(parameters, firstMoment, secondMoment, average, gradients, low, compute)
            && trained % 4 == 0
        ? total / 4
        : 0;
    for (long long quad = first; quad < quads; quad += threads)
    {
        const long long i = 4 * quad;
        const float factor = factor_of(i);
        if (factor == 0)
            continue;
        Quad<float> p, e;
        p.load(parameters + i);
        if (i < trained)
        {
            Quad<float> m, v, g;
            m.load(firstMoment + i), v.load(secondMoment + i);
            if (lowMap != nullptr && lowMap[i / MapElements])
            {
                Quad<T> narrow;
                narrow.load(low + i);
#pragma unroll
                for (int k = 0; k < 4; k++)
                    g.value[k] = narrow.value[k];
            }
            else
            {
                g.load(gradients + i);
            }
#pragma unroll
            for (int k = 0; k < 4; k++)
                p.value[k] = step_of(i + k, factor, p.value[k], g.value[k], m.value[k], v.value[k]);
            m.store(firstMoment + i), v.store(secondMoment + i), p.store(parameters + i);
        }
        if (average != nullptr)
        {
            e.load(average + i);
#pragma unroll
            for (int k = 0; k < 4; k++)
                e.value[k] = averageDecay * e.value[k] + averageComplement * p.value[k];
            e.store(average + i);
        }
        if (compute != nullptr)
        {
            Quad<T> narrow;
#pragma unroll
            for (int k = 0; k < 4; k++)
                narrow.value[k] = p.value[k];
            narrow.store(compute + i);
        }
    }
    for (long long i = 4 * quads + first; i < total; i += threads)
    {
        const float factor = factor_of(i);
        if (factor == 0)
            continue;
        float p = parameters[i];
        if (i < trained)
        {
            const float g = lowMap != nullptr && lowMap[i / MapElements] ? to_float(low[i]) : gradients[i];
            p = parameters[i] = step_of(i, factor, p, g, firstMoment[i], secondMoment[i]);
        }
        if (average != nullptr)
            average[i] = averageDecay * average[i] + averageComplement * p;
        if (compute != nullptr)
            compute[i] = from_float<T>(p);
    }
}

extern "C" __global__ void __launch_bounds__(32) adam_advance(const int *skip, int *step)
{
    if (threadIdx.x == 0 && skip[0] == 0)
        step[0]++;
}

SWEEP_KERNEL loss_scale_apply(const float *lossScale, float *gradient, int count)
{
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
        gradient[i] *= lossScale[0];
}

// goodSteps: [1] int, in place. The scale stays within [1, 2^24].
extern "C" __global__ void __launch_bounds__(32) loss_scale_update(
    const int *skip, int interval, float growth, float backoff, float *lossScale, int *goodSteps)
{
    if (threadIdx.x != 0)
        return;
    if (skip[0] != 0)
    {
        lossScale[0] = fmaxf(lossScale[0] * backoff, 1);
        goodSteps[0] = 0;
    }
    else if (++goodSteps[0] >= interval)
    {
        lossScale[0] = fminf(lossScale[0] * growth, 16777216);
        goodSteps[0] = 0;
    }
}

#define ENTRIES(S, T) \
    SWEEP_KERNEL adam_step##S(const float *gradients, const T *low, const unsigned char *lowMap, \
        const float *schedule, const int *skip, const int *step, const float *lossScale, const float *clip, \
        const unsigned char *bodyMap, float beta2, float complement2, float epsilon, float weightDecay, \
        float decoupledDecay, float bodyFactor, float *parameters, float *firstMoment, float *secondMoment, \
        float *average, T *compute, long long decayed, long long trained, long long total) \
    { \
        adam_step<T>(gradients, low, lowMap, schedule, skip, step, lossScale, clip, bodyMap, beta2, complement2, \
            epsilon, weightDecay, decoupledDecay, bodyFactor, parameters, firstMoment, secondMoment, average, \
            compute, decayed, trained, total); \
    }

ENTRIES(_f32, float)
ENTRIES(_f16, half_t)
ENTRIES(_bf16, bfloat_t)
