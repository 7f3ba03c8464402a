namespace Flixstock.Engine;

// Attention of several heads: D is divided among them, head h has the columns from h * D / heads on. Probabilities and
// their gradients are Float32 on every device, whatever the type of the activations.
public partial interface IKernels
{
    /// <summary>
    /// p[n, h, l, :] = softmax over s of (q[n, l] . k[n, s]) / sqrt(D / heads), of the head's columns.
    /// </summary>
    /// <param name="query">q, [N, L, D]</param>
    /// <param name="key">k, [N, S, D]</param>
    /// <param name="heads">A divisor of D.</param>
    /// <param name="probabilities">p, [N, heads, L, S]</param>
    [Products(nameof(query), nameof(key), PerPicture = true)]
    void AttentionWeightsForward(ReadOnlyTensor query, ReadOnlyTensor key, int heads, Tensor probabilities);

    /// <summary>The gradients of the queries and keys, through the softmax.</summary>
    /// <param name="query">q, [N, L, D]</param>
    /// <param name="key">k, [N, S, D]</param>
    /// <param name="probabilities">p, [N, heads, L, S]</param>
    /// <param name="heads">A divisor of D.</param>
    /// <param name="probabilitiesGradient">In place: dp becomes the gradient of what the softmax was taken of.</param>
    /// <param name="queryGradient">[N, L, D] or <see cref="Tensor.None"/></param>
    /// <param name="keyGradient">[N, S, D] or <see cref="Tensor.None"/></param>
    [Reads(nameof(probabilitiesGradient))]
    [Products(nameof(query), nameof(key), PerPicture = true, Times = 2)]
    void AttentionWeightsBackward(
        ReadOnlyTensor query, ReadOnlyTensor key, ReadOnlyTensor probabilities, int heads,
        Tensor probabilitiesGradient, Tensor queryGradient, Tensor keyGradient);

    /// <summary>y[n, l] = sum over s of p[n, h, l, s] * v[n, s], of each head's columns.</summary>
    /// <param name="probabilities">p, [N, heads, L, S]</param>
    /// <param name="value">v, [N, S, D]</param>
    /// <param name="heads">A divisor of D.</param>
    /// <param name="output">y, [N, L, D]</param>
    [Products(nameof(output), nameof(value), PerPicture = true)]
    void AttentionValuesForward(ReadOnlyTensor probabilities, ReadOnlyTensor value, int heads, Tensor output);

    /// <summary>The gradients of the probabilities and values.</summary>
    /// <param name="probabilities">p, [N, heads, L, S]</param>
    /// <param name="value">v, [N, S, D]</param>
    /// <param name="outputGradient">dy, [N, L, D]</param>
    /// <param name="heads">A divisor of D.</param>
    /// <param name="probabilitiesGradient">[N, heads, L, S] or <see cref="Tensor.None"/></param>
    /// <param name="valueGradient">[N, S, D] or <see cref="Tensor.None"/></param>
    [Products(nameof(outputGradient), nameof(value), PerPicture = true, Times = 2)]
    void AttentionValuesBackward(
        ReadOnlyTensor probabilities, ReadOnlyTensor value, ReadOnlyTensor outputGradient, int heads,
        Tensor probabilitiesGradient, Tensor valueGradient);
}
