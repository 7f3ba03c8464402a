// residual_abn: the end of a residual block in one pass: identity ABN, (squeeze-excite's scale,) the residual, ReLU;
// forward and backward
//
// y = relu((scale * x + shift) * excitation + r), r = residual, or its own identity ABN where the residual is a
// downsampling convolution's output
//
// x, y, residual, dy, dx         [pictures, pixels, channels] float, half or bfloat, dense
// normalization                  [4, channels] float: mean, inverse deviation, scale, shift
// excitation, pooled, means      [pictures, channels] float
// signs                          [pictures, pixels, channels / 8] bytes: bit c % 8 of byte c / 8 is set where y > 0; or
//                                nullptr
// sums                           [2, pictures, channels] float: per picture sum of d and of d * xhat, d = y > 0 ? dy :
//                                0
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0. Every entry takes one thread for 8 channels
// of a pixel.
//
// abn_residual_relu              2 reads, 1 write a value; grid-stride
// abn_excite_residual_relu       the same; grid y is the picture, so that a thread keeps its excitation
// excite_residual_relu           inference with folded ABN: the same without normalization
// relu_abn_backward_sums         d over dy, sums of d and d * xhat, dweight and dbias: 3 reads, 1 write; 16 KiB shared.
//                                dx then follows by identity_abn_backward_apply
// excite_backward_sums           d over dy, and three sums per picture: 3 reads, 1 write; 24 KiB shared
// relu_signs_..., excite_signs_  the same from signs instead of y: a sixteenth of its bytes in 16 bits
// excite_backward_totals         sums over pictures, dweight and dbias: no pass over pixels
// excite_backward_apply          dx = scale * (da - (sum + xhat * sumNormalized) / M), da = d * excitation + pooled /
//                                pixels: 2 reads, 1 write
// Bound by memory. H200 at 4.8 TB/s, 64x56x56x64 bfloat (25.7 MB): forward 16.1 us, backward 21.4 + 16.1 us. Measured:
// not yet.
// Twins: engine/Operations/Abn, tools/KernelLab/Cases
#include "abn_sums.cuh"

template <int V> struct ScaleAndShift
{
    Pack<float, V> scale, shift;

    __device__ __forceinline__ void load(const float *normalization, int channels, int channel)
    {
        scale.load(normalization + 2 * channels + channel);
        shift.load(normalization + 3 * channels + channel);
    }

    __device__ __forceinline__ void identity()
    {
#pragma unroll
        for (int v = 0; v < V; v++)
            scale.value[v] = 1, shift.value[v] = 0;
    }

    __device__ __forceinline__ float of(float x, int v) const { return scale.value[v] * x + shift.value[v]; }
};

// Which of a pack's values are above 0 once they are stored: bit v for value v. Of one value alone nothing is kept.
template <typename T, int V>
__device__ __forceinline__ void keep_signs(const Pack<T, V> &, unsigned char *, long long)
{
}

template <typename T>
__device__ __forceinline__ void keep_signs(const Pack<T, 8> &pack, unsigned char *signs, long long at)
{
    if (signs == nullptr)
        return;
    unsigned bits = 0;
#pragma unroll
    for (int v = 0; v < 8; v++)
        bits |= to_float(from_float<T>(pack.value[v])) > 0 ? 1u << v : 0;
    signs[at] = (unsigned char)bits;
}

template <typename T, int V>
__device__ __forceinline__ void abn_residual_relu(const T *x, const float *normalization, const T *residual,
    const float *residualNormalization, T *y, unsigned char *signs, int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    ScaleAndShift<V> main, other;
    main.load(normalization, channels, channel);
    other.identity();
    if (residualNormalization != nullptr)
        other.load(residualNormalization, channels, channel);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        Pack<T, V> pack, skip;
        pack.load(x + (long long)i * V);
        skip.load(residual + (long long)i * V);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] = relu(main.of(pack.value[v], v) + other.of(skip.value[v], v));
        pack.store(y + (long long)i * V);
        keep_signs(pack, signs, i);
    }
}

// packs: of one picture.
template <typename T, int V>
__device__ __forceinline__ void abn_excite_residual_relu(const T *x, const float *normalization,
    const float *excitation, const T *residual, const float *residualNormalization, T *y, unsigned char *signs,
    int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    ScaleAndShift<V> main, other;
    main.identity();
    if (normalization != nullptr)
        main.load(normalization, channels, channel);
    other.identity();
    if (residualNormalization != nullptr)
        other.load(residualNormalization, channels, channel);
    Pack<float, V> factor;
    factor.load(excitation + (long long)blockIdx.y * channels + channel);
    for (; i < packs; i += gridDim.x * SweepThreads)
    {
        const long long offset = ((long long)blockIdx.y * packs + i) * V;
        Pack<T, V> pack, skip;
        pack.load(x + offset);
        skip.load(residual + offset);
#pragma unroll
        for (int v = 0; v < V; v++)
            pack.value[v] = relu(main.of(pack.value[v], v) * factor.value[v] + other.of(skip.value[v], v));
        pack.store(y + offset);
        keep_signs(pack, signs, offset / V);
    }
}

// What the ReLU let through: its output, or the bits of keep_signs.
template <typename T, int V> struct OutputSigns
{
    struct Item
    {
        Raw<T, V> output;
    };

    const T *y;

    __device__ __forceinline__ void load(long long offset, Item &item) const { item.output.load(y + offset); }

    __device__ __forceinline__ void apply(const Item &item, Pack<T, V> &d) const
    {
        Pack<T, V> output;
        item.output.unpack(output);
#pragma unroll
        for (int v = 0; v < V; v++)
            d.value[v] = output.value[v] > 0 ? d.value[v] : 0;
    }
};

template <typename T> struct BitSigns
{
    struct Item
    {
        unsigned char bits;
    };

    const unsigned char *signs;

    __device__ __forceinline__ void load(long long offset, Item &item) const { item.bits = signs[offset / 8]; }

    __device__ __forceinline__ void apply(const Item &item, Pack<T, 8> &d) const
    {
#pragma unroll
        for (int v = 0; v < 8; v++)
            d.value[v] = item.bits >> v & 1 ? d.value[v] : 0;
    }
};

// Q 2: d and d * xhat. Q 3: also d * (scale * x + shift).
template <typename T, int V, int Q, typename Signs> struct ReluBackwardSums
{
    struct Item
    {
        Raw<T, V> input, gradient;
        typename Signs::Item signs;
    };

    const T *x;
    Signs signs;
    T *gradient;
    Pack<float, V> mean, inverseDeviation;
    ScaleAndShift<V> main;

    __device__ __forceinline__ void load(long long offset, Item &item)
    {
        item.input.load(x + offset);
        signs.load(offset, item.signs);
        item.gradient.load(gradient + offset);
    }

    __device__ __forceinline__ void add(long long offset, const Item &item, float (&sums)[Q][V])
    {
        Pack<T, V> input, d;
        item.input.unpack(input);
        item.gradient.unpack(d);
        signs.apply(item.signs, d);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            sums[0][v] += d.value[v];
            sums[1][v] += d.value[v] * ((input.value[v] - mean.value[v]) * inverseDeviation.value[v]);
            if (Q == 3)
                sums[Q - 1][v] += d.value[v] * main.of(input.value[v], v);
        }
        d.store(gradient + offset);
    }
};

template <typename T, int V, int Q, typename Signs, typename Finish>
__device__ __forceinline__ void relu_backward_sums(const T *x, Signs signs, const float *normalization, T *gradient,
    int pixels, int channels, float *parts, unsigned *counters, const Finish &finish)
{
    const int channel = segment_channel<V>();
    const int safe = channel < channels ? channel : 0;
    ReluBackwardSums<T, V, Q, Signs> work;
    work.x = x, work.signs = signs, work.gradient = gradient;
    work.mean.load(normalization + safe);
    work.inverseDeviation.load(normalization + channels + safe);
    work.main.load(normalization, channels, safe);
    sum_pixels<Q, V, 3>(work, channel, pixels, channels, parts, counters, finish);
}

// Keeps a picture's sums.
struct PictureSums
{
    float *sums, *excitationGradient;
    int pictures, channels;

    __device__ __forceinline__ void operator()(int picture, int channel, const float (&totals)[3]) const
    {
        const long long at = (long long)picture * channels + channel;
        sums[at] = totals[0];
        sums[(long long)pictures * channels + at] = totals[1];
        excitationGradient[at] = totals[2];
    }
};

// totals: [2, channels], sum of da and of da * xhat over all pixels of all pictures.
FINISH_KERNEL excite_backward_totals(const float *sums, const float *excitation, const float *pooled,
    const float *means, const float *normalization, const float *weight, int pictures, int channels, float *totals,
    float *weightGradient, float *biasGradient)
{
    const int channel = blockIdx.x * FinishColumns + threadIdx.x;
    float total[2] = {};
    for (int n = threadIdx.y; channel < channels && n < pictures; n += FinishRows)
    {
        const long long at = (long long)n * channels + channel;
        const float normalized = (means[at] - normalization[channel]) * normalization[channels + channel];
        total[0] += excitation[at] * sums[at] + pooled[at];
        total[1] += excitation[at] * sums[(long long)pictures * channels + at] + pooled[at] * normalized;
    }
    if (!finish_columns<2>(total, channel < channels))
        return;
    totals[channel] = total[0];
    totals[channels + channel] = total[1];
    weightGradient[channel] = weight[channel] < 0 ? -total[1] : total[1];
    biasGradient[channel] = total[0];
}

// packs: of one picture. inverseCount: 1 / pixels of all pictures, 0 with running statistics. inversePixels: 1 / pixels
// of a picture.
template <typename T, int V>
__device__ __forceinline__ void excite_backward_apply(const T *x, const T *d, const float *normalization,
    const float *excitation, const float *pooled, const float *totals, float inverseCount, float inversePixels, T *dx,
    int packs, int channels)
{
    int i = blockIdx.x * SweepThreads + threadIdx.x;
    const int channel = i % (channels / V) * V;
    Pack<float, V> mean, inverseDeviation, scale, sum, sumNormalized, factor, constant;
    mean.load(normalization + channel);
    inverseDeviation.load(normalization + channels + channel);
    scale.load(normalization + 2 * channels + channel);
    sum.load(totals + channel);
    sumNormalized.load(totals + channels + channel);
    factor.load(excitation + (long long)blockIdx.y * channels + channel);
    constant.load(pooled + (long long)blockIdx.y * channels + channel);
#pragma unroll
    for (int v = 0; v < V; v++)
        constant.value[v] = constant.value[v] * inversePixels - sum.value[v] * inverseCount;
    const auto apply = [&](const Raw<T, V> &rawInput, const Raw<T, V> &rawGradient, long long offset)
    {
        Pack<T, V> input, pack;
        rawInput.unpack(input);
        rawGradient.unpack(pack);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float normalized = (input.value[v] - mean.value[v]) * inverseDeviation.value[v];
            const float da = pack.value[v] * factor.value[v] + constant.value[v];
            pack.value[v] = scale.value[v] * (da - normalized * sumNormalized.value[v] * inverseCount);
        }
        pack.store(dx + offset);
    };
    // Two packs of each tensor on their way: the registers leave room for 768 threads only.
    const int step = gridDim.x * SweepThreads;
    const long long picture = (long long)blockIdx.y * packs;
    Raw<T, V> inputs[2], gradients[2];
    for (; i + step < packs; i += 2 * step)
    {
#pragma unroll
        for (int k = 0; k < 2; k++)
        {
            inputs[k].load(x + (picture + i + k * step) * V);
            gradients[k].load(d + (picture + i + k * step) * V);
        }
#pragma unroll
        for (int k = 0; k < 2; k++)
            apply(inputs[k], gradients[k], (picture + i + k * step) * V);
    }
    if (i < packs)
    {
        inputs[0].load(x + (picture + i) * V);
        gradients[0].load(d + (picture + i) * V);
        apply(inputs[0], gradients[0], (picture + i) * V);
    }
}

#define ENTRIES(S, T, V) \
    SWEEP_KERNEL abn_residual_relu##S(const T *x, const float *normalization, const T *residual, \
        const float *residualNormalization, T *y, unsigned char *signs, int packs, int channels) \
    { \
        abn_residual_relu<T, V>(x, normalization, residual, residualNormalization, y, signs, packs, channels); \
    } \
    SWEEP_KERNEL abn_excite_residual_relu##S(const T *x, const float *normalization, const float *excitation, \
        const T *residual, const float *residualNormalization, T *y, unsigned char *signs, int packs, int channels) \
    { \
        abn_excite_residual_relu<T, V>( \
            x, normalization, excitation, residual, residualNormalization, y, signs, packs, channels); \
    } \
    SWEEP_KERNEL excite_residual_relu##S( \
        const T *x, const float *excitation, const T *residual, T *y, int packs, int channels) \
    { \
        abn_excite_residual_relu<T, V>(x, nullptr, excitation, residual, nullptr, y, nullptr, packs, channels); \
    } \
    REDUCE_KERNEL relu_abn_backward_sums##S(const T *x, const T *y, const float *normalization, T *gradient, \
        int pixels, int channels, float *parts, unsigned *counters, const float *weight, float *totals, \
        float *weightGradient, float *biasGradient) \
    { \
        const ParameterSums finish = {weight, totals, weightGradient, biasGradient, channels}; \
        const OutputSigns<T, V> signs = {y}; \
        relu_backward_sums<T, V, 2>(x, signs, normalization, gradient, pixels, channels, parts, counters, finish); \
    } \
    REDUCE_KERNEL excite_backward_sums##S(const T *x, const T *y, const float *normalization, T *gradient, int pixels, \
        int channels, float *parts, unsigned *counters, float *sums, float *excitationGradient) \
    { \
        const PictureSums finish = {sums, excitationGradient, (int)gridDim.z, channels}; \
        const OutputSigns<T, V> signs = {y}; \
        relu_backward_sums<T, V, 3>(x, signs, normalization, gradient, pixels, channels, parts, counters, finish); \
    } \
    SWEEP_KERNEL excite_backward_apply##S(const T *x, const T *d, const float *normalization, const float *excitation, \
        const float *pooled, const float *totals, float inverseCount, float inversePixels, T *dx, int packs, \
        int channels) \
    { \
        excite_backward_apply<T, V>( \
            x, d, normalization, excitation, pooled, totals, inverseCount, inversePixels, dx, packs, channels); \
    }

FOR_EVERY_TYPE(ENTRIES)

#define SIGN_ENTRIES(S, T, V) \
    REDUCE_KERNEL relu_signs_abn_backward_sums##S(const T *x, const unsigned char *bits, const float *normalization, \
        T *gradient, int pixels, int channels, float *parts, unsigned *counters, const float *weight, float *totals, \
        float *weightGradient, float *biasGradient) \
    { \
        const ParameterSums finish = {weight, totals, weightGradient, biasGradient, channels}; \
        const BitSigns<T> signs = {bits}; \
        relu_backward_sums<T, V, 2>(x, signs, normalization, gradient, pixels, channels, parts, counters, finish); \
    } \
    REDUCE_KERNEL excite_signs_backward_sums##S(const T *x, const unsigned char *bits, const float *normalization, \
        T *gradient, int pixels, int channels, float *parts, unsigned *counters, float *sums, \
        float *excitationGradient) \
    { \
        const PictureSums finish = {sums, excitationGradient, (int)gridDim.z, channels}; \
        const BitSigns<T> signs = {bits}; \
        relu_backward_sums<T, V, 3>(x, signs, normalization, gradient, pixels, channels, parts, counters, finish); \
    }

FOR_EVERY_FAST_TYPE(SIGN_ENTRIES)
