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
        foreach (var excited in new[] { false, true })
        {
            yield return new(
                excited ? "AbnExciteResidualReluBackward signs" : "AbnResidualReluBackward signs",
                (bench, shape) => Signs(bench, shape, excited), 4e-6);
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
            ? kernels => kernels.AbnExciteResidualRelu(
                x, normalization, excitation, residual, residualNormalization, y, Tensor.None)
            : kernels => kernels.AbnResidualRelu(x, normalization, residual, residualNormalization, y, Tensor.None);
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

    // Forward and backward, with bits between them where channels allow it. What is next to 0 in one precision may be
    // on its other side in another one, so that the residual keeps away from it.
    private static Action<IKernels> Signs(KernelWorkbench bench, Shape shape, bool excited)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, y) = (bench.Random("x", shape, 0.1f), bench.Unwritten("y", shape));
        var normalization = bench.Of("normalization", new Shape(4, shape.Channels), Unit(shape.Channels));
        var residual = bench.Of(
            "residual", shape, Array.ConvertAll(CaseValues.Random(shape.Count, 21), value => value > 0 ? 2f : -2f));
        var dy = bench.Random("dy", shape);
        var vectors = shape.PerPicture();
        var sums = bench.Unwritten("sums", new Shape(2, shape.Batch, shape.Channels));
        var excitation = bench.Of("excitation", vectors, [.. Enumerable.Repeat(0.5f, (int)vectors.Count)]);
        var excitationGradient = bench.Unwritten("excitationGradient", vectors);
        var dx = bench.Unwritten("dx", shape);
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        var signs = shape.Channels % SignBits.BitsOfByte == 0 ? bench.Bytes(SignBits.ShapeOf(shape)) : Tensor.None;
        var passed = signs.Exists ? signs : y;
        return kernels =>
        {
            if (excited)
            {
                kernels.AbnExciteResidualRelu(x, normalization, excitation, residual, ReadOnlyTensor.None, y, signs);
                kernels.AbnExciteResidualReluBackwardReduce(x, passed, normalization, dy, sums, excitationGradient);
            }
            else
            {
                kernels.AbnResidualRelu(x, normalization, residual, ReadOnlyTensor.None, y, signs);
                kernels.AbnResidualReluBackward(
                    x, passed, normalization, weight, true, dy, dx, dweight, dbias);
            }
        };
    }

    // Mean and shift 0, inverse deviation and scale 1.
    private static float[] Unit(int channels) =>
        [.. Enumerable.Range(0, 4 * channels).Select(i => i / channels is 1 or 2 ? 1f : 0f)];
}
