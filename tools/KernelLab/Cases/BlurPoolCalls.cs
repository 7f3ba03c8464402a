using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/BlurPool</c>.</summary>
internal sealed class BlurPoolCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All()
    {
        yield return new("BlurPoolForward", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Unwritten("y", shape.Halved()));
            return kernels => kernels.BlurPoolForward(x, y);
        }, Least: BlurPool.SmallestExtent);
        foreach (var accumulate in new[] { false, true })
        {
            yield return new($"BlurPoolBackward accumulate={accumulate}", (bench, shape) =>
            {
                var dy = bench.Random("dy", shape.Halved());
                var dx = bench.Destination(shape, accumulate);
                return kernels => kernels.BlurPoolBackward(dy, accumulate, dx);
            }, Least: BlurPool.SmallestExtent);
        }
    }
}
