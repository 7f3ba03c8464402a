namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _softTargetLoss = new("soft_target_loss", "soft_target_loss");
    private readonly KernelEntries _softTargetFinish = new("soft_target_loss", "soft_target_loss_finish");

    public void SoftTargetLoss(ReadOnlyTensor logits, ReadOnlyTensor targets, Tensor loss, Tensor gradient)
    {
        var count = Packs(logits.Count, fast: false, "a batch of logits");
        var shape = SweepShape(count, 1);
        var parts = Scratch(ScratchSlot.Parts, shape.GridX * sizeof(float));
        Launch(_softTargetLoss, shape, logits, targets, gradient, parts, count);
        FinishLoss(_softTargetFinish, parts, (int)shape.GridX, loss);
    }
}
