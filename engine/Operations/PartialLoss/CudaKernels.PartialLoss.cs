namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _hillLoss = new("partial_loss", "hill_loss");
    private readonly KernelEntries _splcLoss = new("partial_loss", "splc_loss");
    private readonly KernelEntries _emLoss = new("partial_loss", "em_loss");
    private readonly KernelEntries _emAplLoss = new("partial_loss", "em_apl_loss");
    private readonly KernelEntries _grLoss = new("partial_loss", "gr_loss");
    private readonly KernelEntries _wanLoss = new("partial_loss", "wan_loss");
    private readonly KernelEntries _largeLoss = new("partial_loss", "large_loss");
    private readonly KernelEntries _partialLossFinish = new("partial_loss", "partial_loss_finish");
    private readonly KernelEntries _partialBegin = new("partial_loss", "partial_begin");
    private readonly SelectionPasses _partialPasses = new("partial_loss", "partial");
    private readonly KernelEntries _partialSelect = new("partial_loss", "partial_select");

    public void PartialLoss(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor position, PartialLossOptions options, Tensor loss,
        Tensor gradient)
    {
        var count = Packs(logits.Count, fast: false, "a batch of logits");
        var state = options.RanksLosses ? SelectLargeLosses(logits, labels, position, options, count) : 0;
        var shape = SweepShape(count, 1);
        var parts = Scratch(ScratchSlot.Parts, shape.GridX * sizeof(float));
        switch (options.Kind)
        {
            case PartialLossKind.Hill:
                Launch(_hillLoss, shape,
                    logits, labels, options.Lambda, options.Margin, options.Gamma, gradient, parts, count);
                break;
            case PartialLossKind.Splc:
                Launch(_splcLoss, shape, logits, labels, position, options.FirstEpoch, options.Cut, options.Margin,
                    options.Gamma, gradient, parts, count);
                break;
            case PartialLossKind.Em:
                Launch(_emLoss, shape, logits, labels, options.Alpha, gradient, parts, count);
                break;
            case PartialLossKind.EmApl:
                Launch(_emAplLoss, shape, logits, labels, options.Alpha, options.Beta, gradient, parts, count);
                break;
            case PartialLossKind.Gr:
                Launch(_grLoss, shape,
                    logits, labels, position, options.Epochs, options.Q2, options.Q3,
                    options.Slope.First, options.Slope.Last, options.Offset.First, options.Offset.Last,
                    options.Mean.First, options.Mean.Last, options.Deviation.First, options.Deviation.Last,
                    gradient, parts, count);
                break;
            case PartialLossKind.Wan:
                Launch(_wanLoss, shape, logits, labels, PartialLossOptions.WeakWeight(logits.Shape.Channels), gradient,
                    parts, count);
                break;
            default:
                Launch(_largeLoss, shape,
                    logits, labels, state, options.CorrectsLosses, gradient, parts, count);
                break;
        }
        FinishLoss(_partialLossFinish, parts, (int)shape.GridX, loss);
    }

    // The state whose prefix is the lowest rank of a large loss. How many there are the device counts from the epoch.
    private nint SelectLargeLosses(
        ReadOnlyTensor logits, ReadOnlyTensor labels, ReadOnlyTensor position, PartialLossOptions options, int count)
    {
        var state = Scratch(ScratchSlot.Selection, SelectionBytes);
        if (count > OneBlockSelection)
        {
            Launch(_partialBegin, SelectionBlock, state, position, count, options.PerBillion, options.MostRises);
            SelectByPasses(_partialPasses, logits, labels, count, state);
        }
        else
        {
            Launch(_partialSelect, SelectionBlock,
                logits, labels, position, count, options.PerBillion, options.MostRises, state);
        }

        return state;
    }
}
