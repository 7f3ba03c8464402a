using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>One way of calling a kernel: makes its tensors for a shape and returns the call.</summary>
/// <param name="Name">Shown in the test's name.</param>
/// <param name="Prepare">From tensors to the call.</param>
/// <param name="Tolerance">Largest error relative to the largest value of a tensor.</param>
/// <param name="Least">Height and width it needs at least.</param>
internal sealed record KernelCall(string Name, Func<KernelWorkbench, Shape, Action<IKernels>> Prepare, double Tolerance = 2e-6, int Least = 1);

/// <summary>Calls of every kernel of the network, in all the modes that the interface allows.</summary>
internal static partial class KernelCalls
{
    private const float Epsilon = 1e-5f;

    public static IEnumerable<KernelCall> All() => [.. Abn(), .. Residual(), .. Excite(), .. Pools(), .. Activations(), .. Convolutions(), .. Linears()];

    private static IEnumerable<KernelCall> Abn()
    {
        foreach (var pictures in new[] { false, true })
            yield return new($"AbnStatistics pictureMean={pictures}", (bench, shape) => Statistics(bench, shape, 0, pictures));
        // A float near 1000 has steps of 6e-5: that much of the deviation is not in the input either. The shift, bias - mean * scale, is as large as the mean.
        yield return new("AbnStatistics mean=1000", (bench, shape) => Statistics(bench, shape, 1000, pictures: true), Tolerance: 1e-5);
        yield return new("AbnRunningStatistics", (bench, shape) =>
        {
            var mean = bench.Random("mean", new Shape(shape.Channels));
            var variance = Positive(bench, "variance", shape.Channels);
            var (weight, bias) = (bench.Random("weight", new Shape(shape.Channels)), bench.Random("bias", new Shape(shape.Channels)));
            var normalization = bench.Unwritten("normalization", new Shape(4, shape.Channels));
            return kernels => kernels.AbnRunningStatistics(mean, variance, weight, bias, Epsilon, normalization);
        });
        foreach (var inPlace in new[] { false, true })
        {
            foreach (var slope in new[] { 1e-6f, 0.01f, 1f })
            {
                yield return new($"AbnApply slope={slope} inPlace={inPlace}", (bench, shape) =>
                {
                    var (x, normalization) = (bench.Random("x", shape), bench.Normalization("normalization", shape.Channels));
                    var y = inPlace ? x : bench.Unwritten("y", shape);
                    return kernels => kernels.AbnApply(x, normalization, slope, y);
                });
            }
        }
        foreach (var training in new[] { false, true })
        {
            foreach (var gamma in new[] { 1e-5f, 1e-3f, 0.05f, 1f })
            {
                // Recovering xhat divides the rounding of z, 6e-8 of |bias| (about 1 here), by gamma.
                yield return new($"AbnBackward gamma={gamma} training={training}", (bench, shape) => AbnBackward(bench, shape, gamma, training), 2e-6 + 3e-7 / gamma);
                yield return new($"IdentityAbnBackward gamma={gamma} training={training}", (bench, shape) => IdentityAbnBackward(bench, shape, gamma, training));
            }
        }
    }

    private static IEnumerable<KernelCall> Residual()
    {
        foreach (var normalized in new[] { false, true })
        {
            yield return new($"AbnResidualRelu normalized={normalized}", (bench, shape) => AbnResidualRelu(bench, shape, normalized, excited: false));
            yield return new($"AbnExciteResidualRelu normalized={normalized}", (bench, shape) => AbnResidualRelu(bench, shape, normalized, excited: true));
        }
        foreach (var training in new[] { false, true })
        {
            foreach (var inPlace in new[] { false, true })
            {
                yield return new($"AbnResidualReluBackward training={training} inPlace={inPlace}", (bench, shape) => AbnResidualReluBackward(bench, shape, training, inPlace));
                yield return new($"AbnExciteResidualReluBackward training={training} inPlace={inPlace}", (bench, shape) => AbnExciteResidualReluBackward(bench, shape, training, inPlace), 4e-6);
            }
        }
        foreach (var inPlace in new[] { false, true })
        {
            yield return new($"ExciteResidualRelu inPlace={inPlace}", (bench, shape) =>
            {
                var (x, excitation, residual) = (bench.Random("x", shape), bench.Random("excitation", PerPicture(shape)), bench.Random("residual", shape));
                var y = inPlace ? x : bench.Unwritten("y", shape);
                return kernels => kernels.ExciteResidualRelu(x, excitation, residual, y);
            });
        }
    }

    private static IEnumerable<KernelCall> Excite()
    {
        foreach (var inPlace in new[] { false, true })
        {
            yield return new($"ExciteForward inPlace={inPlace}", (bench, shape) =>
            {
                var (x, excitation) = (bench.Random("x", shape), bench.Random("excitation", PerPicture(shape)));
                var y = inPlace ? x : bench.Unwritten("y", shape);
                return kernels => kernels.ExciteForward(x, excitation, y);
            });
        }
        yield return new("ExciteBackwardReduce", (bench, shape) =>
        {
            var (x, dy, gradient) = (bench.Random("x", shape), bench.Random("dy", shape), bench.Unwritten("gradient", PerPicture(shape)));
            return kernels => kernels.ExciteBackwardReduce(x, dy, gradient);
        });
        yield return new("ExciteBackwardApply", (bench, shape) =>
        {
            var (excitation, pooled) = (bench.Random("excitation", PerPicture(shape)), bench.Random("pooled", PerPicture(shape)));
            var dy = bench.Random("dy", shape);
            return kernels => kernels.ExciteBackwardApply(excitation, pooled, dy);
        });
    }

    private static IEnumerable<KernelCall> Pools()
    {
        yield return new("GlobalAveragePoolForward", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Unwritten("y", PerPicture(shape)));
            return kernels => kernels.GlobalAveragePoolForward(x, y);
        });
        yield return new("AveragePoolForward", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Unwritten("y", Halved(shape)));
            return kernels => kernels.AveragePoolForward(x, y);
        });
        yield return new("BlurPoolForward", (bench, shape) =>
        {
            var (x, y) = (bench.Random("x", shape), bench.Unwritten("y", Halved(shape)));
            return kernels => kernels.BlurPoolForward(x, y);
        }, Least: 2);
        foreach (var block in new[] { 2, 4 })
        {
            yield return new($"SpaceToDepthForward block={block}", (bench, shape) =>
            {
                var (x, y) = (bench.Random("x", Blocked(shape, block), single: true), bench.Unwritten("y", Deep(shape, block)));
                return kernels => kernels.SpaceToDepthForward(x, block, y);
            }, Tolerance: 0);
            yield return new($"SpaceToDepthForward of bytes block={block}", (bench, shape) =>
            {
                var source = Blocked(shape, block);
                var pixels = new byte[source.Count];
                new Random(3).NextBytes(pixels);
                var x = bench.Backend.Device.FromHost<byte>(pixels, source, ElementType.UInt8);
                var y = bench.Unwritten("y", Deep(shape, block));
                return kernels => kernels.SpaceToDepthForward(x, block, y);
            }, Tolerance: 0);
        }
        foreach (var accumulate in new[] { false, true })
        {
            yield return new($"GlobalAveragePoolBackward accumulate={accumulate}", (bench, shape) =>
            {
                var (dy, dx) = (bench.Random("dy", PerPicture(shape)), Destination(bench, shape, accumulate));
                return kernels => kernels.GlobalAveragePoolBackward(dy, accumulate, dx);
            });
            yield return new($"AveragePoolBackward accumulate={accumulate}", (bench, shape) =>
            {
                var (dy, dx) = (bench.Random("dy", Halved(shape)), Destination(bench, shape, accumulate));
                return kernels => kernels.AveragePoolBackward(dy, accumulate, dx);
            });
            yield return new($"BlurPoolBackward accumulate={accumulate}", (bench, shape) =>
            {
                var (dy, dx) = (bench.Random("dy", Halved(shape)), Destination(bench, shape, accumulate));
                return kernels => kernels.BlurPoolBackward(dy, accumulate, dx);
            }, Least: 2);
            foreach (var block in new[] { 3, 4 })
            {
                yield return new($"SpaceToDepthBackward block={block} accumulate={accumulate}", (bench, shape) =>
                {
                    var (dy, dx) = (bench.Random("dy", Deep(shape, block)), Destination(bench, Blocked(shape, block), accumulate, single: true));
                    return kernels => kernels.SpaceToDepthBackward(dy, block, accumulate, dx);
                });
            }
        }
    }

    private static IEnumerable<KernelCall> Activations()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>())
        {
            foreach (var inPlace in new[] { false, true })
            {
                yield return new($"ActivationForward {kind} inPlace={inPlace}", (bench, shape) =>
                {
                    var x = bench.Random("x", shape, deviation: 10);
                    var y = inPlace ? x : bench.Unwritten("y", shape);
                    return kernels => kernels.ActivationForward(x, kind, y);
                });
            }
            yield return new($"ActivationBackward {kind}", (bench, shape) =>
            {
                var (y, dy) = (bench.Random("y", shape), bench.Random("dy", shape));
                return kernels => kernels.ActivationBackward(y, kind, dy);
            });
        }
    }

    private static Action<IKernels> Statistics(KernelWorkbench bench, Shape shape, float mean, bool pictures)
    {
        var vector = new Shape(shape.Channels);
        var (x, weight, bias) = (bench.Random("x", shape, 1, mean), bench.Random("weight", vector), bench.Random("bias", vector));
        var normalization = bench.Unwritten("normalization", new Shape(4, shape.Channels));
        var (runningMean, runningVariance) = (bench.Random("runningMean", vector), Positive(bench, "runningVariance", shape.Channels));
        var pictureMean = pictures ? bench.Unwritten("pictureMean", PerPicture(shape)) : Tensor.None;
        return kernels => kernels.AbnStatistics(x, weight, bias, Epsilon, 0.1f, normalization, runningMean, runningVariance, pictureMean);
    }

    private static Action<IKernels> AbnBackward(KernelWorkbench bench, Shape shape, float gamma, bool training)
    {
        const float Slope = 0.01f;
        var (weights, bias) = Weights(bench, shape.Channels, gamma);
        var biases = bench.Backend.Device.ToHost<float>(bias);
        var values = CaseValues.Random(shape.Count, 5);
        for (var i = 0; i < values.Length; i++)
        {
            var z = gamma * values[i] + biases[i % shape.Channels];
            values[i] = z >= 0 ? z : Slope * z;
        }
        var y = bench.Of("y", shape, values);
        var (normalization, dy) = (bench.Normalization("normalization", shape.Channels, gamma), bench.Random("dy", shape));
        var (dweight, dbias) = (bench.Unwritten("dweight", weights.Shape), bench.Unwritten("dbias", bias.Shape));
        return kernels => kernels.AbnBackward(y, normalization, weights, bias, Epsilon, Slope, training, dy, dweight, dbias);
    }

    private static Action<IKernels> IdentityAbnBackward(KernelWorkbench bench, Shape shape, float gamma, bool training)
    {
        var (weight, _) = Weights(bench, shape.Channels, gamma);
        var (x, normalization, dy) = (bench.Random("x", shape), bench.Normalization("normalization", shape.Channels, gamma), bench.Random("dy", shape));
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        return kernels => kernels.IdentityAbnBackward(x, normalization, weight, training, dy, dweight, dbias);
    }

    private static Action<IKernels> AbnResidualRelu(KernelWorkbench bench, Shape shape, bool normalized, bool excited)
    {
        var (x, normalization, residual) = (bench.Random("x", shape), bench.Normalization("normalization", shape.Channels), bench.Random("residual", shape));
        ReadOnlyTensor residualNormalization = normalized ? bench.Normalization("residualNormalization", shape.Channels) : ReadOnlyTensor.None;
        var (excitation, y) = (bench.Random("excitation", PerPicture(shape)), bench.Unwritten("y", shape));
        return excited
            ? kernels => kernels.AbnExciteResidualRelu(x, normalization, excitation, residual, residualNormalization, y)
            : kernels => kernels.AbnResidualRelu(x, normalization, residual, residualNormalization, y);
    }

    private static Action<IKernels> AbnResidualReluBackward(KernelWorkbench bench, Shape shape, bool training, bool inPlace)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, y, normalization) = (bench.Random("x", shape), bench.Random("y", shape), bench.Normalization("normalization", shape.Channels));
        var (dy, dx) = (bench.Random("dy", shape), inPlace ? x : bench.Unwritten("dx", shape));
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        return kernels => kernels.AbnResidualReluBackward(x, y, normalization, weight, training, dy, dx, dweight, dbias);
    }

    private static Action<IKernels> AbnExciteResidualReluBackward(KernelWorkbench bench, Shape shape, bool training, bool inPlace)
    {
        var (weight, _) = Weights(bench, shape.Channels, 1);
        var (x, y, normalization) = (bench.Random("x", shape), bench.Random("y", shape), bench.Normalization("normalization", shape.Channels));
        var (dy, sums, excitationGradient) = (bench.Random("dy", shape), bench.Unwritten("sums", new Shape(2, shape.Batch, shape.Channels)), bench.Unwritten("excitationGradient", PerPicture(shape)));
        var (excitation, pooled, means) = (bench.Random("excitation", PerPicture(shape)), bench.Random("pooled", PerPicture(shape)), bench.Random("means", PerPicture(shape)));
        var dx = inPlace ? x : bench.Unwritten("dx", shape);
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        return kernels =>
        {
            kernels.AbnExciteResidualReluBackwardReduce(x, y, normalization, dy, sums, excitationGradient);
            kernels.AbnExciteResidualReluBackwardApply(x, dy, normalization, weight, excitation, pooled, means, sums, training, dx, dweight, dbias);
        };
    }

    // |weight| + eps is gamma; every other weight is negative, and so is every third bias.
    private static (Tensor Weight, Tensor Bias) Weights(KernelWorkbench bench, int channels, float gamma)
    {
        var weight = Enumerable.Range(0, channels).Select(c => (c % 2 == 0 ? 1 : -1) * (gamma - Epsilon));
        var bias = Enumerable.Range(0, channels).Select(c => (c % 3 == 0 ? -0.3f : 0.4f) + 0.01f * (c % 7));
        return (bench.Of("weight", new Shape(channels), [.. weight]), bench.Of("bias", new Shape(channels), [.. bias]));
    }

    private static Tensor Positive(KernelWorkbench bench, string name, int channels) =>
        bench.Of(name, new Shape(channels), Array.ConvertAll(CaseValues.Random(channels, 11), value => 0.1f + Math.Abs(value)));

    private static Tensor Destination(KernelWorkbench bench, Shape shape, bool accumulate, bool single = false) =>
        accumulate ? bench.Random("destination", shape, single: single) : bench.Unwritten("destination", shape, single);

    private static Shape PerPicture(Shape shape) => new(shape.Batch, shape.Channels);

    private static Shape Halved(Shape shape) => new(shape.Batch, (shape.Height + 1) / 2, (shape.Width + 1) / 2, shape.Channels);

    private static Shape Blocked(Shape shape, int block) => new(shape.Batch, shape.Height * block, shape.Width * block, shape.Channels);

    private static Shape Deep(Shape shape, int block) => new(shape.Batch, shape.Height, shape.Width, shape.Channels * block * block);
}
