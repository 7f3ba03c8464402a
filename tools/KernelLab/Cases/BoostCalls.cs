namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/Boost</c>.</summary>
internal sealed class BoostCalls : IOperationCalls
{
    private const float Factor = 5;

    public IEnumerable<KernelCall> All()
    {
        foreach (var inPlace in new[] { false, true })
        {
            yield return new($"BoostForward inPlace={inPlace}", (bench, shape) =>
            {
                var x = bench.Random("x", shape);
                var y = inPlace ? x : bench.Unwritten("y", shape);
                return kernels => kernels.BoostForward(x, Factor, y);
            });
        }
        yield return new("BoostBackward", (bench, shape) =>
        {
            var (y, dy) = (bench.Random("y", shape), bench.Random("dy", shape));
            return kernels => kernels.BoostBackward(y, Factor, dy);
        });
    }
}
