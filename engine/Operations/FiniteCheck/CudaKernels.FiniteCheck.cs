namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _finiteCheck = new("finite_check", "finite_check");

    private readonly KernelEntries _gradientsFiniteCheck = new("finite_check", "gradients_finite_check");

    public void GradientsFiniteCheck(ReadOnlyTensor gradients, LowPrecisionStep low, Tensor flag)
    {
        if (!low.Map.Exists)
        {
            FiniteCheck(gradients, flag);
            return;
        }
        var fast = IsFast(gradients.Count, gradients.Address, low.Gradients.Address);
        var packs = Packs(gradients.Count, fast, "the gradients");
        Launch(
            _gradientsFiniteCheck, low.Gradients.Type, fast, SweepShape(packs, 1),
            gradients, low.Gradients, low.Map, flag, packs);
    }

    public void FiniteCheck(ReadOnlyTensor input, Tensor flag)
    {
        var fast = IsFast(input.Count, input.Address);
        var packs = Packs(input.Count, fast, "a tensor");
        Launch(_finiteCheck, input.Type, fast, SweepShape(packs, 1), input, flag, packs);
    }
}
