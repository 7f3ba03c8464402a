namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// sums[k] += sum over the batch of sigmoid(logits[n,k]): the estimate of how often a class occurs.
    /// </summary>
    /// <param name="logits">[N, K]</param>
    /// <param name="sums">[K], added to.</param>
    [Reads(nameof(sums))]
    void PriorAccumulate(ReadOnlyTensor logits, Tensor sums);
}
