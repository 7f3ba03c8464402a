namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/AveragePool</c>.</summary>
internal sealed class AveragePoolCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        yield return new("AveragePoolForward", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Unwritten("y", shape.Halved()));
            return kernels => kernels.AveragePoolForward(x, y);
        });
        foreach (var accumulate in new[] { false, true })
        {
            yield return new($"AveragePoolBackward accumulate={accumulate}", (bench, shape) =>
            {
                var dy = bench.Random("dy", shape.Halved());
                var dx = bench.Destination(shape, accumulate);
                return kernels => kernels.AveragePoolBackward(dy, accumulate, dx);
            });
        }
    }
}
