using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/GradientSum</c>.</summary>
internal sealed class GradientSumCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        foreach (var part in Enum.GetValues<GradientPart>())
        {
            yield return new($"GradientSum {part}", (bench, shape) =>
            {
                var flat = new Shape((int)shape.Count);
                var gradients = bench.Random("gradients", flat);
                var sum = bench.Random("sum", flat);
                return kernels => kernels.GradientSum(gradients, Tensor.None, ReadOnlyTensor.None, part, sum);
            });
            yield return InSixteenBits(part);
        }
    }

    // Three units of gradients, the second one in 16 bits.
    private static KernelCall InSixteenBits(GradientPart part) =>
        new($"GradientSum {part} in 16 bits", (bench, shape) =>
        {
            const int Unit = 64;
            // With a rest, where channels have one too.
            var count = (2 * Unit) + (shape.Channels % 8);
            var gradients = bench.Random("gradients", new Shape(count));
            var low = bench.Random("low", new Shape(1, 1, 1, count));
            var sum = bench.Random("sum", new Shape(count));
            var map = bench.Backend.Device.FromHost<sbyte>([0, 1, 0], new Shape(3), ElementType.Int8);
            return kernels => kernels.GradientSum(gradients, low, map, part, sum);
        }, OnProcessor: false); // whose gradients are singles
}
