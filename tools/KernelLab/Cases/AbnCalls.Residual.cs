using Flixstock.Engine;

namespace Flixstock.KernelLab;

// The ends of residual blocks.
internal sealed partial class AbnCalls
{
    private static IEnumerable<KernelCall> Residual()
    {
        foreach (var normalized in new[] { false, true })
        {
            yield return new(
                $"AbnResidualRelu normalized={normalized}",
                (bench, shape) => AbnResidualRelu(bench, shape, normalized, excited: false));
            yield return new(
                $"AbnExciteResidualRelu normalized={normalized}",
                (bench, shape) => AbnResidualRelu(bench, shape, normalized, excited: true));
        }
        foreach (var training in new[] { false, true })
        {
            foreach (var inPlace in new[] { false, true })
            {
                yield return new(
                    $"AbnResidualReluBackward training={training} inPlace={inPlace}",
                    (bench, shape) => AbnResidualReluBackward(bench, shape, training, inPlace));
                yield return new(
                    $"AbnExciteResidualReluBackward training={training} inPlace={inPlace}",
                    (bench, shape) => AbnExciteResidualReluBackward(bench, shape, training, inPlace),
                    4e-6);
            }
        }
        foreach (var inPlace in new[] { false, true })
        {
            yield return new($"ExciteResidualRelu inPlace={inPlace}", (bench, shape) =>
            {
                var (x, excitation) = (bench.Random("x", shape), bench.Random("excitation", shape.PerPicture()));
                var residual = bench.Random("residual", shape);
                var y = inPlace ? x : bench.Unwritten("y", shape);
                return kernels => kernels.ExciteResidualRelu(x, excitation, residual, y);
            });
        }
    }

    private static Action<IKernels> AbnResidualRelu(KernelWorkbench bench, Shape shape, bool normalized, bool excited)
    {
        var (x, normalization) = (bench.Random("x", shape), bench.Normalization("normalization", shape.Channels));
        var residual = bench.Random("residual", shape);
        ReadOnlyTensor residualNormalization =
            normalized ? bench.Normalization("residualNormalization", shape.Channels) : ReadOnlyTensor.None;
        var (excitation, y) = (bench.Random("excitation", shape.PerPicture()), bench.Unwritten("y", shape));
        return excited
            ? kernels => kernels.AbnExciteResidualRelu(x, normalization, excitation, residual, residualNormalization, y)
            : kernels => kernels.AbnResidualRelu(x, normalization, residual, residualNormalization, y);
    }

    private static Action<IKernels> AbnResidualReluBackward(
        KernelWorkbench bench, Shape shape, bool training, bool inPlace)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, y) = (bench.Random("x", shape), bench.Random("y", shape));
        var normalization = bench.Normalization("normalization", shape.Channels);
        var (dy, dx) = (bench.Random("dy", shape), inPlace ? x : bench.Unwritten("dx", shape));
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        return kernels =>
            kernels.AbnResidualReluBackward(x, y, normalization, weight, training, dy, dx, dweight, dbias);
    }

    private static Action<IKernels> AbnExciteResidualReluBackward(
        KernelWorkbench bench, Shape shape, bool training, bool inPlace)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, y) = (bench.Random("x", shape), bench.Random("y", shape));
        var normalization = bench.Normalization("normalization", shape.Channels);
        var vectors = shape.PerPicture();
        var (dy, sums) =
            (bench.Random("dy", shape), bench.Unwritten("sums", new Shape(2, shape.Batch, shape.Channels)));
        var excitationGradient = bench.Unwritten("excitationGradient", vectors);
        var (excitation, pooled) = (bench.Random("excitation", vectors), bench.Random("pooled", vectors));
        var means = bench.Random("means", vectors);
        var dx = inPlace ? x : bench.Unwritten("dx", shape);
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        return kernels =>
        {
            kernels.AbnExciteResidualReluBackwardReduce(x, y, normalization, dy, sums, excitationGradient);
            kernels.AbnExciteResidualReluBackwardApply(
                x, dy, normalization, weight, excitation, pooled, means, sums, training, dx, dweight, dbias);
        };
    }
}
