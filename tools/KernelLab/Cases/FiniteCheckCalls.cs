using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/FiniteCheck</c>.</summary>
internal sealed class FiniteCheckCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        foreach (var bad in new[] { 0, float.NaN, float.NegativeInfinity })
        {
            yield return new($"FiniteCheck {bad}", (bench, shape) =>
            {
                var values = new float[shape.Count];
                values[^1] = bad;
                var (x, flag) = (bench.Of("x", shape, values), bench.Of("flag", new Shape(1), [0]));
                return kernels => kernels.FiniteCheck(x, new Tensor(flag.Address, flag.Shape, ElementType.Int32));
            });
        }
        foreach (var (bad, good) in new[] { (0, 1), (1, 0), (2, 2) })
            yield return Gradients(bad, good);
    }

    // Two units of gradients, the second one in 16 bits; what is bad lies where nobody looks, or where somebody does.
    private static KernelCall Gradients(int badUnit, int badLowUnit) =>
        new($"GradientsFiniteCheck bad={badUnit},{badLowUnit}", (bench, shape) =>
        {
            const int Unit = 64;
            // With a rest, where channels have one too.
            var count = 2 * Unit + shape.Channels % 8;
            float[] Values(int bad)
            {
                var values = new float[count];
                if (bad < 2)
                    values[bad * Unit + 5] = float.NaN;
                return values;
            }
            var gradients = bench.Of("gradients", new Shape(count), Values(badUnit));
            var low = new LowPrecisionStep(
                bench.Of("low", new Shape(1, 1, 1, count), Values(badLowUnit)),
                bench.Backend.Device.FromHost<sbyte>([0, 1, 0], new Shape(3), ElementType.Int8), ReadOnlyTensor.None,
                Tensor.None);
            var flag = bench.Of("flag", new Shape(1), [0]);
            return kernels => kernels.GradientsFiniteCheck(
                gradients, low, new Tensor(flag.Address, flag.Shape, ElementType.Int32));
        }, OnProcessor: false); // whose gradients are singles
}
