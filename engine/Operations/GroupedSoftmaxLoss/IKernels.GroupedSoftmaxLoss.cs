namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// Softmax cross entropy of every attribute and its gradient by the logits: L = sum over pictures and attributes of
    /// log sum_k exp x_k - log sum_(k in S) exp x_k, where S are the classes that the labels allow: those labelled 1,
    /// or, if none is, those not labelled 0. An attribute with nothing known, or with nothing allowed, contributes
    /// nothing. A sum like the other losses, so that learning rates are comparable. Label smoothing e is for attributes
    /// with a class labelled 1: their share is (1 - e) of the above and e (log sum_k exp x_k - mean of x), the cross
    /// entropy of targets that are (1 - e) on the label and e / classes of the attribute on every one of them.
    /// </summary>
    /// <param name="logits">[N, K]</param>
    /// <param name="labels">[N, K] Int8: 1, 0, -1 unknown</param>
    /// <param name="groups">[G + 1] Int32: the first class of every attribute, then K.</param>
    /// <param name="smoothing">e, from 0 (none) to below 1.</param>
    /// <param name="loss">[1], the sum over batch and attributes.</param>
    /// <param name="gradient">[N, K]</param>
    void GroupedSoftmaxLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor groups, float smoothing, Tensor loss,
        Tensor gradient);
}
