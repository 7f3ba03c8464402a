namespace Flixstock.Engine;

internal sealed partial class CudaKernels
{
    private readonly KernelEntries _gradientSum = new("gradient_sum", "gradient_sum");

    public void GradientSum(Tensor gradients, Tensor low, ReadOnlyTensor map, GradientPart part, Tensor sum)
    {
        var type = low.Exists ? low.Type : ElementType.Float32;
        var fast = IsFast(gradients.Count, gradients.Address, low.Address, sum.Address);
        var packs = Packs(gradients.Count, fast, "the gradients");
        Launch(_gradientSum, type, fast, SweepShape(packs, 1), gradients, low, map, (int)part, sum, packs);
    }
}
