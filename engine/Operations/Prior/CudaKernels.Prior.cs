namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _priorAccumulate = new("prior", "prior_accumulate");

    public void PriorAccumulate(ReadOnlyTensor logits, Tensor sums)
    {
        Launch(
            _priorAccumulate, FinishShape(logits.Shape.Channels),
            logits, logits.Shape.Batch, logits.Shape.Channels, sums);
    }
}
