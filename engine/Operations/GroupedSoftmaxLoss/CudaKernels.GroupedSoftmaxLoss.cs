namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _groupedSoftmaxLoss = new("grouped_softmax_loss", "grouped_softmax_loss");
    private readonly KernelEntries _groupedSoftmaxLossFinish = new(
        "grouped_softmax_loss", "grouped_softmax_loss_finish");

    public void GroupedSoftmaxLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor groups, float smoothing, Tensor loss,
        Tensor gradient)
    {
        Packs(logits.Count, fast: false, "a batch of logits");
        var count = (int)(logits.Shape.Batch * (groups.Count - 1));
        var shape = SweepShape(count, 1);
        var parts = Scratch(ScratchSlot.Parts, shape.GridX * sizeof(float));
        Launch(
            _groupedSoftmaxLoss, shape,
            logits, labels, groups, smoothing, gradient, parts, count, (int)groups.Count - 1, logits.Shape.Channels);
        FinishLoss(_groupedSoftmaxLossFinish, parts, (int)shape.GridX, loss);
    }
}
