namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _finiteCheck = new("finite_check", "finite_check");

    public void FiniteCheck(ReadOnlyTensor input, Tensor flag)
    {
        var fast = IsFast(input.Count, input.Address);
        var packs = Packs(input.Count, fast, "a tensor");
        Launch(_finiteCheck, input.Type, fast, SweepShape(packs, 1), input, flag, packs);
    }
}
