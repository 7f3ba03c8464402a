// gate_squeeze_excite: the scale of squeeze-excite (Hu, Shen, Sun 2018) and its backward pass
//
// hidden = relu(pooled * transpose(w1) + b1), excitation = sigmoid(hidden * transpose(w2) + b2)
//
// x                              [pictures, pixels, channels] float, half or bfloat, dense
// pooled, excitation, gradients  [pictures, channels] float
// hidden, hiddenGradient         [pictures, width] float
// w1, w2, b1, b2                 [width, channels], [channels, width], [width], [channels] float
// normalization                  [4, channels] float: mean, inverse deviation, scale, shift
// parts, counters                scratch of reduction.cuh; counters: [pictures, tiles], then [pictures]
// Entries without suffix _any need 16-byte alignment and channels % 8 == 0. Shared memory: channels + width floats, and
// what sums take.
//
// pooled_gate            pooled = mean over the pixels of x: 1 read a value; the block that comes last of a picture
//                        computes its gate
// applied_gate           the same of y = leaky(scale * x + shift), which may lie in x's memory: 1 read, 1 write a value
// normalized_gate        pooled = scale * mean + shift of pictures that were never written; a block a picture
// gate_backward          gradients before the sigmoid (over the excitation's) and before the ReLU, and of pooled; a
//                        block a picture
// gate_weight_gradients  of both layers, 16 x 16 outputs a block; grid x channels, y width, z 0 for w1 and 1 for w2
// The weights, 128 KiB at 256 x 64, come from the L2 cache; H200, 256 pictures: about 6 us each, so bound by latency.
// Measured: not yet.
// Twins: engine/Operations/SqueezeExcite, tools/KernelLab/Cases
#include "reduction.cuh"

constexpr int GateThreads = 256;
constexpr int GateTile = 16;
constexpr int RowsAtOnce = 4; // of a warp: so many sums are on their way

extern __shared__ float gate_memory[];

// use(row, sum over k of matrix[row, k] * vector[k]) for each row, by one thread; a warp has every eighth group of
// rows. matrix: [rows, count]; vector: shared memory.
template <typename Use>
__device__ __forceinline__ void multiply_rows(
    const float *matrix, const float *vector, int rows, int count, int thread, const Use &use)
{
    const int lane = thread % 32;
    for (int row = thread / 32 * RowsAtOnce; row < rows; row += GateThreads / 32 * RowsAtOnce)
    {
        float sums[RowsAtOnce] = {};
        for (int k = lane; k < count; k += 32)
        {
#pragma unroll
            for (int i = 0; i < RowsAtOnce; i++)
                sums[i] += row + i < rows ? matrix[(long long)(row + i) * count + k] * vector[k] : 0;
        }
        for (int distance = 16; distance > 0; distance /= 2)
        {
#pragma unroll
            for (int i = 0; i < RowsAtOnce; i++)
                sums[i] += __shfl_xor_sync(0xFFFFFFFF, sums[i], distance);
        }
#pragma unroll
        for (int i = 0; i < RowsAtOnce; i++)
        {
            if (lane == i && row + i < rows)
                use(row + i, sums[i]);
        }
    }
}

// A picture's gate from its pooled values, which lie in gate_memory.
__device__ __forceinline__ void gate(const float *w1, const float *b1, const float *w2, const float *b2, int channels,
    int width, int thread, float *hidden, float *excitation)
{
    float *values = gate_memory + channels;
    multiply_rows(w1, gate_memory, width, channels, thread,
        [&](int row, float sum) { hidden[row] = values[row] = relu(sum + b1[row]); });
    __syncthreads();
    multiply_rows(w2, values, channels, width, thread,
        [&](int row, float sum) { excitation[row] = activate(sum + b2[row], Sigmoid); });
}

// The same of what leaky ABN makes of x, which is stored on the way.
template <typename T, int V> struct AppliedSums
{
    struct Item
    {
        Raw<T, V> input;
    };

    const T *x;
    T *y;
    float slope;
    Pack<float, V> scale, shift;

    __device__ __forceinline__ void load(long long offset, Item &item) { item.input.load(x + offset); }

    __device__ __forceinline__ void add(long long offset, const Item &item, float (&sums)[1][V])
    {
        Pack<T, V> pack;
        item.input.unpack(pack);
#pragma unroll
        for (int v = 0; v < V; v++)
        {
            const float z = scale.value[v] * pack.value[v] + shift.value[v];
            pack.value[v] = to_float(from_float<T>(z >= 0 ? z : slope * z)); // the mean is that of what is stored
            sums[0][v] += pack.value[v];
        }
        pack.store(y + offset);
    }
};

template <typename T, int V, typename Work>
__device__ __forceinline__ void pooled_gate(Work &work, int pixels, int channels, float inversePixels, float *parts,
    unsigned *counters, const float *w1, const float *b1, const float *w2, const float *b2, int width, float *pooled,
    float *hidden, float *excitation)
{
    const KeepScaled finish = {pooled, inversePixels, channels};
    if (!sum_pixels<1, V, 1>(work, segment_channel<V>(), pixels, channels, parts, counters, finish))
        return;
    const int picture = blockIdx.z, thread = threadIdx.y * blockDim.x + threadIdx.x;
    // The picture's other tiles of channels may not be there yet.
    if (!is_last_block(counters + gridDim.z * gridDim.x + picture, gridDim.x))
        return;
    for (int c = thread; c < channels; c += GateThreads)
        gate_memory[c] = pooled[(long long)picture * channels + c];
    __syncthreads();
    gate(w1, b1, w2, b2, channels, width, thread, hidden + (long long)picture * width,
        excitation + (long long)picture * channels);
}

SWEEP_KERNEL normalized_gate(const float *pictureMean, const float *normalization, int channels, const float *w1,
    const float *b1, const float *w2, const float *b2, int width, float *pooled, float *hidden, float *excitation)
{
    const long long row = (long long)blockIdx.x * channels;
    for (int c = threadIdx.x; c < channels; c += GateThreads)
    {
        const float scale = normalization[2 * channels + c], shift = normalization[3 * channels + c];
        pooled[row + c] = gate_memory[c] = scale * pictureMean[row + c] + shift;
    }
    __syncthreads();
    gate(w1, b1, w2, b2, channels, width, threadIdx.x, hidden + (long long)blockIdx.x * width, excitation + row);
}

// use(column, sum over rows of vector[row] * matrix[row, column]) for each column; a thread has a column, so that a
// warp reads neighbours.
template <typename Use>
__device__ __forceinline__ void multiply_columns(
    const float *vector, const float *matrix, int rows, int columns, const Use &use)
{
    for (int column = threadIdx.x; column < columns; column += GateThreads)
    {
        float sum = 0;
#pragma unroll 8
        for (int row = 0; row < rows; row++)
            sum += vector[row] * matrix[(long long)row * columns + column];
        use(column, sum);
    }
}

SWEEP_KERNEL gate_backward(const float *excitation, const float *hidden, const float *w1, const float *w2, int channels,
    int width, float *excitationGradient, float *hiddenGradient, float *pooledGradient)
{
    const long long row = (long long)blockIdx.x * channels, hiddenRow = (long long)blockIdx.x * width;
    float *values = gate_memory + channels;
    for (int c = threadIdx.x; c < channels; c += GateThreads)
    {
        const float y = excitation[row + c];
        excitationGradient[row + c] = gate_memory[c] = excitationGradient[row + c] * (y * (1 - y));
    }
    __syncthreads();
    multiply_columns(gate_memory, w2, channels, width, [&](int h, float sum)
        { hiddenGradient[hiddenRow + h] = values[h] = hidden[hiddenRow + h] > 0 ? sum : 0; });
    __syncthreads();
    multiply_columns(
        values, w1, width, channels, [&](int c, float sum) { pooledGradient[row + c] = sum; });
}

// gradient = transpose(dy) * x, [outputs, inputs], and dy's column sums: 16 x 16 of them, over all pictures.
__device__ __forceinline__ void weight_gradient(const float *dy, const float *x, int pictures, int outputs, int inputs,
    int firstOutput, int firstInput, float *gradient, float *biasGradient)
{
    __shared__ float left[GateTile][GateTile], right[GateTile][GateTile + 1];
    const int output = firstOutput + threadIdx.y, input = firstInput + threadIdx.x;
    // What a thread brings: a picture's row of both, neighbours side by side.
    const int bringOutput = firstOutput + threadIdx.x;
    float sum = 0, bias = 0;
    for (int first = 0; first < pictures; first += GateTile)
    {
        const int picture = first + threadIdx.y;
        left[threadIdx.y][threadIdx.x] =
            picture < pictures && bringOutput < outputs ? dy[(long long)picture * outputs + bringOutput] : 0;
        right[threadIdx.y][threadIdx.x] =
            picture < pictures && input < inputs ? x[(long long)picture * inputs + input] : 0;
        __syncthreads();
#pragma unroll
        for (int i = 0; i < GateTile; i++)
        {
            sum += left[i][threadIdx.y] * right[i][threadIdx.x];
            bias += left[i][threadIdx.y];
        }
        __syncthreads();
    }
    if (output >= outputs)
        return;
    if (input < inputs)
        gradient[(long long)output * inputs + input] = sum;
    if (input == 0)
        biasGradient[output] = bias;
}

SWEEP_KERNEL gate_weight_gradients(const float *pooled, const float *hidden, const float *excitationGradient,
    const float *hiddenGradient, int pictures, int channels, int width, float *reduceGradient,
    float *reduceBiasGradient, float *expandGradient, float *expandBiasGradient)
{
    const int firstChannel = blockIdx.x * GateTile, firstHidden = blockIdx.y * GateTile;
    if (blockIdx.z == 0)
        weight_gradient(hiddenGradient, pooled, pictures, width, channels, firstHidden, firstChannel, reduceGradient,
            reduceBiasGradient);
    else
        weight_gradient(excitationGradient, hidden, pictures, channels, width, firstChannel, firstHidden,
            expandGradient, expandBiasGradient);
}

#define ENTRIES(S, T, V) \
    REDUCE_KERNEL pooled_gate##S(const T *x, int pixels, int channels, float inversePixels, float *parts, \
        unsigned *counters, const float *w1, const float *b1, const float *w2, const float *b2, int width, \
        float *pooled, float *hidden, float *excitation) \
    { \
        PixelSums<T, V> work = {x}; \
        pooled_gate<T, V>(work, pixels, channels, inversePixels, parts, counters, w1, b1, w2, b2, width, pooled, \
            hidden, excitation); \
    } \
    REDUCE_KERNEL applied_gate##S(const T *x, const float *normalization, float slope, T *y, int pixels, int channels, \
        float inversePixels, float *parts, unsigned *counters, const float *w1, const float *b1, const float *w2, \
        const float *b2, int width, float *pooled, float *hidden, float *excitation) \
    { \
        const int channel = segment_channel<V>(), safe = channel < channels ? channel : 0; \
        AppliedSums<T, V> work = {x, y, slope}; \
        work.scale.load(normalization + 2 * channels + safe); \
        work.shift.load(normalization + 3 * channels + safe); \
        pooled_gate<T, V>(work, pixels, channels, inversePixels, parts, counters, w1, b1, w2, b2, width, pooled, \
            hidden, excitation); \
    }

FOR_EVERY_TYPE(ENTRIES)
