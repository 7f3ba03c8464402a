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
    }
}
