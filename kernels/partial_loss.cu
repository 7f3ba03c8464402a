// partial_loss: losses of labels of which most are unknown, and their gradient by the logits: a sum over labels, each
// with a term of its own
//
// p = sigmoid(x), q = 1 - p. What a term is for a label of 1, 0 and -1 stands at the struct of each loss; where nothing
// is said of 0, it is -log q. What the published programs keep out of the gradient is kept out here.
//
// logits, gradient   [rows, classes] float
// labels             [rows, classes] signed bytes: 1, 0, -1 unknown
// targets            [rows, classes] float in their place, of em_apl_loss: 1, 0, below 0 unknown, between 0 and 1 a
//                    soft negative
// position           [2] int, epoch and step, from 1
// state              selection of partial_begin and its passes, or of partial_select: after it `prefix` is the lowest
//                    rank of the large losses, of which there are ceil(count * min(e * perBillion / 1e9, 1)), where e
//                    is epoch - 1, but not more than `most`
// parts              [blocks] float, a block's share of the loss, added in a fixed order by partial_loss_finish
//
// 5 bytes read (em_apl_loss: 8), 4 written a value, and 5 more in each of 8 passes where large losses are selected
// (selection.cuh); one value a thread, grid-stride. H200 at 4.8 TB/s, 512x9605 (4.9 M): 9.2 us; large losses 50 us.
// Measured: not yet.
// Twins: engine/Operations/PartialLoss, tools/KernelLab/Cases
#include "selection.cuh"

// A term and its derivative by the logit.
struct Term
{
    float loss, slope;
};

__device__ __forceinline__ float sigmoid(float x) { return 1 / (1 + expf(-x)); }

// log(1 + e^x): -log p is that of -x, -log q that of x. Not fmaxf: what is not a number stays one.
__device__ __forceinline__ float softplus(float x) { return relu(x) + log1pf(expf(-fabsf(x))); }

__device__ __forceinline__ Term positive_term(float x) { return {softplus(-x), -sigmoid(-x)}; }

__device__ __forceinline__ Term negative_term(float x) { return {softplus(x), sigmoid(x)}; }

// -q^gamma log p; with -x for x it is the negatives' -p^gamma log q, and the slope changes its sign.
__device__ __forceinline__ Term focal_term(float x, float gamma)
{
    const float p = sigmoid(x), q = sigmoid(-x), log_p = softplus(-x), focus = expf(-gamma * softplus(x));
    return {focus * log_p, -focus * (gamma * p * log_p + q)};
}

__device__ __forceinline__ Term focal_negative_term(float x, float gamma)
{
    const Term term = focal_term(-x, gamma);
    return {term.loss, -term.slope};
}

// log(p + epsilon), without the digits that p has lost near 1
__device__ __forceinline__ float log_above(float p, float q, float epsilon)
{
    return p < 0.5f ? logf(p + epsilon) : log1pf(epsilon - q);
}

// -log(p + epsilon)
__device__ __forceinline__ Term positive_term(float x, float epsilon)
{
    const float p = sigmoid(x), q = sigmoid(-x);
    return {-log_above(p, q, epsilon), -p * q / (p + epsilon)};
}

__device__ __forceinline__ Term negative_term(float x, float epsilon)
{
    const Term term = positive_term(-x, epsilon);
    return {term.loss, -term.slope};
}

// 1: -(1 - p')^gamma log p', p' = sigmoid(x - margin); -1: (lambda - p) p^2
struct Hill
{
    float lambda, margin, gamma;

    __device__ __forceinline__ Term of(float x, int label, int) const
    {
        if (label == 1)
            return focal_term(x - margin, gamma);
        if (label == 0)
            return negative_term(x);
        const float p = sigmoid(x), q = sigmoid(-x);
        return {(lambda - p) * p * p, p * p * q * (2 * lambda - 3 * p)};
    }
};

// 1: as Hill's; 0: -p^gamma log q; -1: as 0, but where x is above the cut as 1 without margin
struct Splc
{
    float cut, margin, gamma;

    __device__ __forceinline__ Term of(float x, int label, int) const
    {
        if (label == 1)
            return focal_term(x - margin, gamma);
        return label < 0 && x > cut ? focal_term(x, gamma) : focal_negative_term(x, gamma);
    }
};

// 1: -log(p + e); 0: -log(q + e); -1: alpha (p log(p + e) + q log(q + e))
struct EntropyMaximization
{
    float alpha;

    __device__ __forceinline__ Term of(float x, int label, int) const
    {
        constexpr float Epsilon = 1e-5f;
        if (label >= 0)
            return label == 1 ? positive_term(x, Epsilon) : negative_term(x, Epsilon);
        const float p = sigmoid(x), q = sigmoid(-x);
        const float log_p = log_above(p, q, Epsilon), log_q = log_above(q, p, Epsilon);
        const float entropy_slope = log_p + p / (p + Epsilon) - log_q - q / (q + Epsilon);
        return {alpha * (p * log_p + q * log_q), alpha * p * q * entropy_slope};
    }
};

// As it is, and between 0 and 1, s: -beta (s log(p + e) + (1 - s) log(q + e))
struct AsymmetricEntropy
{
    float alpha, beta;

    __device__ __forceinline__ Term of(float x, float target, int i) const
    {
        constexpr float Epsilon = 1e-5f;
        if (!(target > 0 && target < 1))
            return EntropyMaximization{alpha}.of(x, target < 0 ? -1 : (int)target, i);
        const Term there = positive_term(x, Epsilon), absent = negative_term(x, Epsilon);
        return {beta * (target * there.loss + (1 - target) * absent.loss),
            beta * (target * there.slope + (1 - target) * absent.slope)};
    }
};

// 1: -log(p + e); 0: -log(q + e); -1: v (k (1 - p^q2) / q2 + (1 - k) (1 - q^q3) / q3), k = sigmoid(w p + b),
// v = exp(-(p - mu)^2 / (2 sigma^2)), both constants for the gradient
struct GeneralizedRobust
{
    float q2, q3, w, b, mu, sigma;

    __device__ __forceinline__ Term of(float x, int label, int) const
    {
        constexpr float Epsilon = 1e-7f;
        if (label >= 0)
            return label == 1 ? positive_term(x, Epsilon) : negative_term(x, Epsilon);
        const float p = sigmoid(x), q = sigmoid(-x), distance = (p - mu) / sigma;
        const float k = sigmoid(w * p + b), v = expf(-0.5f * distance * distance);
        // p^q2 - 1 and q^q3 - 1, whose digits a difference would lose
        const float there = expm1f(-q2 * softplus(-x)), absent = expm1f(-q3 * softplus(x));
        return {-v * (k * there / q2 + (1 - k) * absent / q3),
            v * ((1 - k) * (1 + absent) * p - k * (1 + there) * q)};
    }
};

// 1: -log p; -1: -weight log q
struct WeakNegatives
{
    float weight;

    __device__ __forceinline__ Term of(float x, int label, int) const
    {
        if (label == 1)
            return positive_term(x);
        const Term term = negative_term(x);
        return label == 0 ? term : Term{weight * term.loss, weight * term.slope};
    }
};

// 1: -log p; -1: -log q, but of large losses nothing, or -log p
struct LargeLoss
{
    const Selection *state;
    int corrects;

    __device__ __forceinline__ Term of(float x, int label, int i) const
    {
        if (label == 1)
            return positive_term(x);
        const Term term = negative_term(x);
        if (label == 0 || rank_of(x, i) < state->prefix)
            return term;
        return corrects ? positive_term(x) : Term{0 * term.loss, 0 * term.slope}; // what is not a number stays one
    }
};

// A scheduled constant: the first one at share 0, the last one at 1.
__device__ __forceinline__ float between(float first, float last, float share)
{
    return first + (last - first) * share;
}

template <typename Loss, typename Label>
__device__ __forceinline__ void sum_terms(
    const Loss &loss, const float *logits, const Label *labels, float *gradient, float *parts, int count)
{
    float sum = 0;
    for (int i = blockIdx.x * SweepThreads + threadIdx.x; i < count; i += gridDim.x * SweepThreads)
    {
        const Term term = loss.of(logits[i], labels[i], i);
        gradient[i] = term.slope;
        sum += term.loss;
    }
    keep_part(sum, parts);
}

SWEEP_KERNEL hill_loss(const float *logits, const signed char *labels, float lambda, float margin, float gamma,
    float *gradient, float *parts, int count)
{
    sum_terms(Hill{lambda, margin, gamma}, logits, labels, gradient, parts, count);
}

SWEEP_KERNEL splc_loss(const float *logits, const signed char *labels, const int *position, int firstEpoch, float cut,
    float margin, float gamma, float *gradient, float *parts, int count)
{
    const float infinity = __int_as_float(0x7F800000);
    sum_terms(Splc{position[0] >= firstEpoch ? cut : infinity, margin, gamma}, logits, labels, gradient, parts, count);
}

SWEEP_KERNEL em_loss(
    const float *logits, const signed char *labels, float alpha, float *gradient, float *parts, int count)
{
    sum_terms(EntropyMaximization{alpha}, logits, labels, gradient, parts, count);
}

SWEEP_KERNEL em_apl_loss(const float *logits, const float *targets, float alpha, float beta, float *gradient,
    float *parts, int count)
{
    sum_terms(AsymmetricEntropy{alpha, beta}, logits, targets, gradient, parts, count);
}

SWEEP_KERNEL gr_loss(const float *logits, const signed char *labels, const int *position, int epochs, float q2,
    float q3, float w0, float w1, float b0, float b1, float mu0, float mu1, float sigma0, float sigma1,
    float *gradient, float *parts, int count)
{
    const float before = (position[0] - 1) / (float)epochs, now = position[0] / (float)epochs;
    const GeneralizedRobust loss = {q2, q3, between(w0, w1, before), between(b0, b1, before), between(mu0, mu1, now),
        between(sigma0, sigma1, now)};
    sum_terms(loss, logits, labels, gradient, parts, count);
}

SWEEP_KERNEL wan_loss(
    const float *logits, const signed char *labels, float weight, float *gradient, float *parts, int count)
{
    sum_terms(WeakNegatives{weight}, logits, labels, gradient, parts, count);
}

SWEEP_KERNEL large_loss(const float *logits, const signed char *labels, const Selection *state, int corrects,
    float *gradient, float *parts, int count)
{
    sum_terms(LargeLoss{state, corrects}, logits, labels, gradient, parts, count);
}

SWEEP_KERNEL partial_loss_finish(const float *parts, int count, float *loss) { add_parts(parts, count, loss); }

// In integers: a rounded product would be another count on another device.
__device__ __forceinline__ int large_losses(const int *position, int count, int perBillion, int most)
{
    constexpr long long Whole = 1000000000;
    const int before = position[0] - 1;
    const long long share = (before < most ? before : most) * (long long)perBillion;
    return (int)((count * (share < Whole ? share : Whole) + Whole - 1) / Whole);
}

DIGIT_KERNEL partial_begin(Selection *state, const int *position, int count, int perBillion, int most)
{
    start_selection(state, large_losses(position, count, perBillion, most));
}

DIGIT_KERNEL partial_count(const float *logits, const signed char *labels, int count, int shift, Selection *state)
{
    count_pass(logits, labels, count, shift, state);
}

DIGIT_KERNEL partial_pick(int shift, Selection *state) { pick_pass(shift, state); }

DIGIT_KERNEL partial_select(const float *logits, const signed char *labels, const int *position, int count,
    int perBillion, int most, Selection *state)
{
    select_in_one_block(logits, labels, count, large_losses(position, count, perBillion, most), state);
}
