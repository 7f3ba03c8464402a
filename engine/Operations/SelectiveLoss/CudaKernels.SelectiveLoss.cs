namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _selectiveBegin = new("selective_loss", "selective_begin");
    private readonly SelectionPasses _selectivePasses = new("selective_loss", "selective");
    private readonly KernelEntries _selectiveSelect = new("selective_loss", "selective_select");
    private readonly KernelEntries _selectiveAnnotated = new("selective_loss", "selective_annotated");
    private readonly KernelEntries _selectiveLoss = new("selective_loss", "selective_loss");
    private readonly KernelEntries _selectiveLossFinish = new("selective_loss", "selective_loss_finish");

    public void SelectiveLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor prior, SelectiveLossOptions options, Tensor loss,
        Tensor gradient, Tensor weights)
    {
        var count = Packs(logits.Count, fast: false, "a batch of logits");
        var state = options.Mode == PartialLossMode.Selective
            ? SelectLikeliest(logits, labels, count, options.LikelihoodTopK)
            : 0;
        var annotated = options.Mode == PartialLossMode.IgnoreNormalizeClasses ? CountAnnotated(labels) : 0;
        var shape = SweepShape(count, 1);
        var parts = Scratch(ScratchSlot.Parts, shape.GridX * sizeof(float));
        Launch(
            _selectiveLoss, shape,
            logits, labels, prior, annotated, state, (int)options.Mode, options.GammaPositive, options.GammaNegative,
            options.GammaUnannotated, options.AlphaPositive, options.AlphaNegative, options.AlphaUnannotated,
            options.Clip, options.PriorThreshold, gradient, weights, parts, count, logits.Shape.Channels);
        FinishLoss(_selectiveLossFinish, parts, (int)shape.GridX, loss);
    }

    // The state whose prefix is the lowest rank that is left out.
    private nint SelectLikeliest(ReadOnlyTensor logits, ReadOnlyTensor labels, int count, int topK)
    {
        var wanted = (int)Math.Clamp((long)topK * logits.Shape.Batch, 0, count);
        var state = Scratch(ScratchSlot.Selection, SelectionBytes);
        if (count > OneBlockSelection)
        {
            Launch(_selectiveBegin, SelectionBlock, state, wanted);
            SelectByPasses(_selectivePasses, logits, labels, count, state);
            return state;
        }
        Launch(_selectiveSelect, SelectionBlock, logits, labels, count, wanted, state);
        return state;
    }

    private nint CountAnnotated(ReadOnlyTensor labels)
    {
        var annotated = Scratch(ScratchSlot.Annotated, (long)labels.Shape.Batch * sizeof(int));
        Launch(
            _selectiveAnnotated, LaunchShape.Linear(labels.Shape.Batch, SweepThreads),
            labels, labels.Shape.Channels, annotated);
        return annotated;
    }
}
