namespace Flixstock.Engine;

public sealed partial class CudaKernels
{
    private readonly KernelEntries _priorAccumulate = new("prior", "prior_accumulate");

    public void PriorAccumulate(ReadOnlyTensor logits, Tensor sums)
    {
        var arguments = new KernelArguments();
        arguments.Add(logits);
        arguments.Add(logits.Shape.Batch);
        arguments.Add(logits.Shape.Channels);
        arguments.Add(sums);
        Launch(_priorAccumulate, FinishShape(logits.Shape.Channels), ref arguments);
    }
}
