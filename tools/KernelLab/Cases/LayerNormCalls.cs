using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operation in <c>engine/Operations/LayerNorm</c>.</summary>
internal sealed class LayerNormCalls : IOperationCalls
{
    private const float Epsilon = 1e-5f;

    public IEnumerable<KernelCall> All()
    {
        foreach (var keeps in new[] { false, true })
        {
            yield return new(
                $"LayerNormForward keeps={keeps}",
                (bench, shape) =>
                {
                    var x = bench.Random("x", Rows(shape));
                    var (w, b) = (bench.Random("w", Columns(shape)), bench.Random("b", Columns(shape)));
                    var statistics = keeps ? bench.Unwritten("statistics", Statistics(shape)) : Tensor.None;
                    var y = bench.Unwritten("y", Rows(shape));
                    return kernels => kernels.LayerNormForward(x, w, b, Epsilon, statistics, y);
                },
                CaseValues.LongSum);
        }
        foreach (var accumulate in new[] { false, true })
        {
            yield return new(
                $"LayerNormBackwardData accumulate={accumulate}",
                (bench, shape) =>
                {
                    var (x, dy) = (bench.Random("x", Rows(shape)), bench.Random("dy", Rows(shape)));
                    var w = bench.Random("w", Columns(shape));
                    var statistics = bench.Random("statistics", Statistics(shape));
                    var dx = bench.Destination(Rows(shape), accumulate);
                    return kernels => kernels.LayerNormBackwardData(x, w, statistics, dy, accumulate, dx);
                },
                CaseValues.LongSum);
        }
        yield return new(
            "LayerNormBackwardWeight",
            (bench, shape) =>
            {
                var (x, dy) = (bench.Random("x", Rows(shape)), bench.Random("dy", Rows(shape)));
                var statistics = bench.Random("statistics", Statistics(shape));
                var (dw, db) = (bench.Unwritten("dw", Columns(shape)), bench.Unwritten("db", Columns(shape)));
                return kernels => kernels.LayerNormBackwardWeight(x, statistics, dy, dw, db);
            },
            CaseValues.LongSum);
    }

    private static Shape Rows(Shape shape) => new(shape.Batch, shape.PixelsPerPicture, shape.Channels);

    private static Shape Columns(Shape shape) => new(shape.Channels);

    private static Shape Statistics(Shape shape) => new((int)shape.Pixels, 2);
}
