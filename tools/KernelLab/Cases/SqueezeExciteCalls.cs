namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/SqueezeExcite</c>.</summary>
internal sealed partial class SqueezeExciteCalls : IOperationCalls
{
    public IEnumerable<KernelCall> All() => [.. Sweeps(), .. Gates()];

    private static IEnumerable<KernelCall> Sweeps()
    {
        foreach (var inPlace in new[] { false, true })
        {
            yield return new($"ExciteForward inPlace={inPlace}", (bench, shape) =>
            {
                var (x, excitation) = (bench.Random("x", shape), bench.Random("excitation", shape.PerPicture()));
                var y = inPlace ? x : bench.Unwritten("y", shape);
                return kernels => kernels.ExciteForward(x, excitation, y);
            });
        }
        yield return new("ExciteBackwardReduce", (bench, shape) =>
        {
            var (x, dy) = (bench.Random("x", shape), bench.Random("dy", shape));
            var gradient = bench.Unwritten("gradient", shape.PerPicture());
            return kernels => kernels.ExciteBackwardReduce(x, dy, gradient);
        }, Sums: true);
        yield return new("ExciteBackwardApply", (bench, shape) =>
        {
            var excitation = bench.Random("excitation", shape.PerPicture());
            var (pooled, dy) = (bench.Random("pooled", shape.PerPicture()), bench.Random("dy", shape));
            return kernels => kernels.ExciteBackwardApply(excitation, pooled, dy);
        });
    }
}
