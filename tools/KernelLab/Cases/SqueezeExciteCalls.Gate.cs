using Flixstock.Engine;

namespace Flixstock.KernelLab;

internal sealed partial class SqueezeExciteCalls
{
    // More rows than a block multiplies at once, and no multiple of anything.
    private const int Hidden = 37;

    private static IEnumerable<KernelCall> Gates()
    {
        yield return new("PooledGateForward", (bench, shape) =>
        {
            var x = bench.Random("x", shape, 1, 0.5f);
            var (w1, b1, w2, b2) = Weights(bench, shape.Channels);
            var (pooled, hidden, excitation) = Results(bench, shape);
            return kernels => kernels.PooledGateForward(x, w1, b1, w2, b2, pooled, hidden, excitation);
        }, Sums: true);
        foreach (var inPlace in new[] { false, true })
        {
            yield return new($"AbnApplyGateForward inPlace={inPlace}", (bench, shape) =>
            {
                var x = bench.Random("x", shape);
                var normalization = bench.Normalization("normalization", shape.Channels);
                var y = inPlace ? x : bench.Unwritten("y", shape);
                var (w1, b1, w2, b2) = Weights(bench, shape.Channels);
                var (pooled, hidden, excitation) = Results(bench, shape);
                return kernels => kernels.AbnApplyGateForward(
                    x, normalization, 0.01f, y, w1, b1, w2, b2, pooled, hidden, excitation);
            }, Sums: true);
        }
        yield return new("NormalizedGateForward", (bench, shape) =>
        {
            var means = bench.Random("means", shape.PerPicture());
            var normalization = bench.Normalization("normalization", shape.Channels);
            var (w1, b1, w2, b2) = Weights(bench, shape.Channels);
            var (pooled, hidden, excitation) = Results(bench, shape);
            return kernels => kernels.NormalizedGateForward(
                means, normalization, w1, b1, w2, b2, pooled, hidden, excitation);
        }, Sums: true);
        // Pictures are rows: as many as pixels, so that a block adds up more than it holds at once.
        yield return new("GateBackward", (bench, shape) =>
        {
            var rows = new Shape((int)shape.Pixels, shape.Channels);
            var hiddenRows = new Shape((int)shape.Pixels, Hidden);
            var (pooled, hidden) = (bench.Random("pooled", rows), bench.Random("hidden", hiddenRows));
            var excitation = bench.Of(
                "excitation", rows,
                Array.ConvertAll(CaseValues.Random(rows.Count, 3), value => 1 / (1 + MathF.Exp(-value))));
            var (w1, _, w2, _) = Weights(bench, shape.Channels);
            var gradient = bench.Random("gradient", rows);
            var (hiddenGradient, pooledGradient) = (
                bench.Unwritten("hiddenGradient", hiddenRows), bench.Unwritten("pooledGradient", rows));
            var (dw1, db1) = (bench.Unwritten("dw1", w1.Shape), bench.Unwritten("db1", new Shape(Hidden)));
            var (dw2, db2) = (bench.Unwritten("dw2", w2.Shape), bench.Unwritten("db2", new Shape(shape.Channels)));
            return kernels => kernels.GateBackward(
                pooled, hidden, excitation, w1, w2, gradient, hiddenGradient, pooledGradient, dw1, db1, dw2, db2);
        });
    }

    private static (Tensor W1, Tensor B1, Tensor W2, Tensor B2) Weights(KernelWorkbench bench, int channels) => (
        bench.Random("w1", new Shape(Hidden, channels), 0.3f), bench.Random("b1", new Shape(Hidden)),
        bench.Random("w2", new Shape(channels, Hidden), 0.3f), bench.Random("b2", new Shape(channels)));

    private static (Tensor Pooled, Tensor Hidden, Tensor Excitation) Results(KernelWorkbench bench, Shape shape) => (
        bench.Unwritten("pooled", shape.PerPicture()), bench.Unwritten("hidden", new Shape(shape.Batch, Hidden)),
        bench.Unwritten("excitation", shape.PerPicture()));
}
