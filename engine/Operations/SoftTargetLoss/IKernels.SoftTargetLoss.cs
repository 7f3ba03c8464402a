namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// Binary cross-entropy with soft targets and its gradient: the sum over labels of
    /// -(t log p + (1 - t) log(1 - p)), p = sigmoid(x); a label that is unknown contributes nothing.
    /// </summary>
    /// <param name="logits">x, [N, K]</param>
    /// <param name="targets">t, [N, K] Float32: 0 to 1, below 0 for unknown.</param>
    /// <param name="loss">[1]</param>
    /// <param name="gradient">[N, K]</param>
    void SoftTargetLoss(ReadOnlyTensor logits, ReadOnlyTensor targets, Tensor loss, Tensor gradient);
}
