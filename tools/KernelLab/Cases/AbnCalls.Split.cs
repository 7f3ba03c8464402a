using Flixstock.Engine;

namespace Flixstock.KernelLab;

// What several processes do instead of AbnStatistics and the backward passes.
internal sealed partial class AbnCalls
{
    private const int Processes = 3;

    private static IEnumerable<KernelCall> Split()
    {
        foreach (var mean in new[] { 0f, 1000f })
        {
            foreach (var pictures in new[] { false, true })
            {
                yield return new(
                    $"AbnMoments mean={mean} pictureMean={pictures}",
                    (bench, shape) => Moments(bench, shape, mean, pictures),
                    Tolerance: mean > 0 ? 1e-5 : 2e-6);
            }
        }
        yield return new("AbnMomentsNormalization", MomentsNormalization);
        foreach (var gamma in new[] { 0.05f, 1f })
        {
            yield return new(
                $"AbnBackward split gamma={gamma}", (bench, shape) => SplitBackward(bench, shape, gamma),
                2e-6 + 3e-7 / gamma);
        }
        yield return new("IdentityAbnBackward split", IdentitySplit);
        foreach (var inPlace in new[] { false, true })
        {
            yield return new(
                $"AbnResidualReluBackward split inPlace={inPlace}",
                (bench, shape) => ResidualSplit(bench, shape, inPlace));
            yield return new(
                $"AbnExciteBackward split inPlace={inPlace}", (bench, shape) => ExciteSplit(bench, shape, inPlace),
                4e-6);
        }
    }

    private static Action<IKernels> Moments(KernelWorkbench bench, Shape shape, float mean, bool pictures)
    {
        var x = bench.Random("x", shape, 1, mean);
        var origin = bench.Random("origin", new Shape(shape.Channels), 1, mean);
        var moments = bench.Unwritten("moments", new Shape(3, shape.Channels));
        var pictureMean = pictures ? bench.Unwritten("pictureMean", shape.PerPicture()) : Tensor.None;
        return kernels => kernels.AbnMoments(x, origin, moments, pictureMean);
    }

    private static Action<IKernels> MomentsNormalization(KernelWorkbench bench, Shape shape)
    {
        var vector = new Shape(shape.Channels);
        var moments = MomentsOf(bench, shape);
        var normalization = bench.Unwritten("normalization", new Shape(4, shape.Channels));
        var (weight, bias) = (bench.Random("weight", vector), bench.Random("bias", vector));
        var runningMean = bench.Random("runningMean", vector);
        var runningVariance = Positive(bench, "runningVariance", shape.Channels);
        return kernels => kernels.AbnMomentsNormalization(
            moments, weight, bias, Epsilon, 0.1f, normalization, runningMean, runningVariance);
    }

    private static Action<IKernels> SplitBackward(KernelWorkbench bench, Shape shape, float gamma)
    {
        const float Slope = 0.01f;
        var (weight, bias) = Weights(bench, shape.Channels, gamma);
        var y = LeakyOutput(bench, shape, bias, gamma, Slope);
        var normalization = bench.Normalization("normalization", shape.Channels, gamma);
        var dy = bench.Random("dy", shape);
        var (moments, sums, dweight, dbias) = Sums(bench, shape);
        return kernels =>
        {
            kernels.AbnBackwardReduce(y, dy, weight, bias, Epsilon, Slope, moments, sums, dweight, dbias);
            kernels.AbnBackwardApply(y, normalization, weight, bias, Epsilon, Slope, sums, dy);
        };
    }

    private static Action<IKernels> IdentitySplit(KernelWorkbench bench, Shape shape)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, normalization) = (bench.Random("x", shape), bench.Normalization("normalization", shape.Channels));
        var dy = bench.Random("dy", shape);
        var (moments, sums, dweight, dbias) = Sums(bench, shape);
        return kernels =>
        {
            kernels.IdentityAbnBackwardReduce(x, dy, normalization, weight, moments, sums, dweight, dbias);
            kernels.IdentityAbnBackwardApply(x, dy, normalization, sums, dy);
        };
    }

    private static Action<IKernels> ResidualSplit(KernelWorkbench bench, Shape shape, bool inPlace)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, y) = (bench.Random("x", shape), bench.Random("y", shape));
        var normalization = bench.Normalization("normalization", shape.Channels);
        var (dy, dx) = (bench.Random("dy", shape), inPlace ? x : bench.Unwritten("dx", shape));
        var (moments, sums, dweight, dbias) = Sums(bench, shape);
        return kernels =>
        {
            kernels.AbnResidualReluBackwardReduce(x, y, normalization, weight, moments, dy, sums, dweight, dbias);
            kernels.IdentityAbnBackwardApply(x, dy, normalization, sums, dx);
        };
    }

    private static Action<IKernels> ExciteSplit(KernelWorkbench bench, Shape shape, bool inPlace)
    {
        var ((weight, _), vectors) = (Weights(bench, shape.Channels, 1), shape.PerPicture());
        var (x, d) = (bench.Random("x", shape), bench.Random("d", shape));
        var normalization = bench.Normalization("normalization", shape.Channels);
        var pictureSums = bench.Random("pictureSums", new Shape(2, shape.Batch, shape.Channels));
        var (excitation, pooled) = (bench.Random("excitation", vectors), bench.Random("pooled", vectors));
        var means = bench.Random("means", vectors);
        var dx = inPlace ? x : bench.Unwritten("dx", shape);
        var (moments, sums, dweight, dbias) = Sums(bench, shape);
        return kernels =>
        {
            kernels.AbnExciteBackwardSums(
                pictureSums, excitation, pooled, means, normalization, weight, moments, sums, dweight, dbias);
            kernels.AbnExciteBackwardApply(x, d, normalization, excitation, pooled, sums, dx);
        };
    }

    private static (Tensor Moments, Tensor Sums, Tensor WeightGradient, Tensor BiasGradient) Sums(
        KernelWorkbench bench, Shape shape)
    {
        var vector = new Shape(shape.Channels);
        return (MomentsOf(bench, shape), bench.Unwritten("sums", new Shape(2, shape.Channels)),
            bench.Unwritten("dweight", vector), bench.Unwritten("dbias", vector));
    }

    // Of processes with different numbers of pixels; the bench's shape is the second one's.
    private static Tensor MomentsOf(KernelWorkbench bench, Shape shape)
    {
        var channels = shape.Channels;
        var values = CaseValues.Random(3L * Processes * channels, 13);
        for (var i = 0; i < values.Length; i++)
        {
            var pixels = shape.Pixels * (1 + i / (3 * channels)) / 2f + 1;
            values[i] = (i / channels % 3) switch
            {
                0 => MathF.Floor(pixels),
                1 => values[i],
                _ => pixels * (0.1f + Math.Abs(values[i])),
            };
        }
        return bench.Of("moments", new Shape(Processes, 3, channels), values);
    }
}
