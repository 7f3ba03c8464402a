using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/GradientClip</c>.</summary>
internal sealed class GradientClipCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        foreach (var limit in new[] { 0.25f, 1e6f }) // below the norm, and above
        {
            yield return new($"GradientClip limit={limit}", (bench, shape) =>
            {
                var g = bench.Random("g", new Shape((int)shape.Count));
                var factor = bench.Unwritten("factor", new Shape(1));
                return kernels => kernels.GradientClip(g, default, limit, factor);
            }, Sums: true);
        }
        yield return InSixteenBits();
    }

    // Two units of gradients, the second one in 16 bits; where nobody looks there is what would be seen.
    private static KernelCall InSixteenBits() => new("GradientClip in 16 bits", (bench, shape) =>
    {
        const int Unit = 64;
        // With a rest, where channels have one too.
        var count = 2 * Unit + shape.Channels % 8;
        float[] Values(int unseen) =>
        [
            .. CaseValues.Random(count, (ulong)unseen).Select((value, i) => i / Unit == unseen ? 1000 : value),
        ];
        var gradients = bench.Of("gradients", new Shape(count), Values(1));
        var low = new LowPrecisionStep(
            bench.Of("low", new Shape(1, 1, 1, count), Values(0)),
            bench.Backend.Device.FromHost<sbyte>([0, 1, 0], new Shape(3), ElementType.Int8),
            bench.Of("scale", new Shape(1), [8]), Tensor.None);
        var factor = bench.Unwritten("factor", new Shape(1));
        return kernels => kernels.GradientClip(gradients, low, 0.25f, factor);
    }, OnProcessor: false); // whose gradients are singles
}
