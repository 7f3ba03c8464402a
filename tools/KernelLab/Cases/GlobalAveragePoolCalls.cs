namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/GlobalAveragePool</c>.</summary>
internal sealed class GlobalAveragePoolCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        yield return new("GlobalAveragePoolForward", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Unwritten("y", shape.PerPicture()));
            return kernels => kernels.GlobalAveragePoolForward(x, y);
        }, Sums: true);
        foreach (var accumulate in new[] { false, true })
        {
            yield return new($"GlobalAveragePoolBackward accumulate={accumulate}", (bench, shape) =>
            {
                var dy = bench.Random("dy", shape.PerPicture());
                var dx = bench.Destination(shape, accumulate);
                return kernels => kernels.GlobalAveragePoolBackward(dy, accumulate, dx);
            });
        }
    }
}
