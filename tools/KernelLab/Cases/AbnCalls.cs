using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Calls of the operations in <c>engine/Operations/Abn</c>.</summary>
internal sealed partial class AbnCalls : IOperationCalls
{
    private const float Epsilon = 1e-5f;

    public IEnumerable<KernelCall> All() =>
    [
        .. new[] { Inplace(), Residual(), Split() }.SelectMany(calls => calls)
            .Select(call => call with { Sums = IsSum(call.Name) }),
    ];

    private static bool IsSum(string name) => name.StartsWith("AbnStatistics", StringComparison.Ordinal)
        || name.StartsWith("AbnMoments ", StringComparison.Ordinal)
        || name.Contains("Backward", StringComparison.Ordinal);

    private static IEnumerable<KernelCall> Inplace()
    {
        foreach (var pictures in new[] { false, true })
        {
            yield return new(
                $"AbnStatistics pictureMean={pictures}", (bench, shape) => Statistics(bench, shape, 0, pictures));
        }
        // A float near 1000 has steps of 6e-5: that much of the deviation is not in the input either. The shift,
        // bias - mean * scale, is as large as the mean.
        yield return new(
            "AbnStatistics mean=1000", (bench, shape) => Statistics(bench, shape, 1000, pictures: true),
            Tolerance: 1e-5);
        foreach (var window in new[] { 1, 3 })
        {
            yield return new(
                $"AbnConvolutionStatistics {window}x{window}",
                (bench, shape) => ConvolutionStatistics(bench, shape, window), CaseValues.SingleSum,
                OnProcessor: false);
        }
        yield return new("AbnSumsNormalization", SumsNormalization);
        yield return new("AbnRunningStatistics", (bench, shape) =>
        {
            var vector = new Shape(shape.Channels);
            var (mean, variance) = (bench.Random("mean", vector), Positive(bench, "variance", shape.Channels));
            var (weight, bias) = (bench.Random("weight", vector), bench.Random("bias", vector));
            var normalization = bench.Unwritten("normalization", new Shape(4, shape.Channels));
            return kernels => kernels.AbnRunningStatistics(mean, variance, weight, bias, Epsilon, normalization);
        });
        foreach (var inPlace in new[] { false, true })
        {
            foreach (var slope in new[] { 1e-6f, 0.01f, 1f })
            {
                yield return new($"AbnApply slope={slope} inPlace={inPlace}", (bench, shape) =>
                {
                    var x = bench.Random("x", shape);
                    var normalization = bench.Normalization("normalization", shape.Channels);
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
                yield return new(
                    $"AbnBackward gamma={gamma} training={training}",
                    (bench, shape) => AbnBackward(bench, shape, gamma, training),
                    2e-6 + 3e-7 / gamma);
                yield return new(
                    $"IdentityAbnBackward gamma={gamma} training={training}",
                    (bench, shape) => IdentityAbnBackward(bench, shape, gamma, training));
            }
        }
    }

    private static Action<IKernels> Statistics(KernelWorkbench bench, Shape shape, float mean, bool pictures)
    {
        var vector = new Shape(shape.Channels);
        var x = bench.Random("x", shape, 1, mean);
        var (weight, bias) = (bench.Random("weight", vector), bench.Random("bias", vector));
        var normalization = bench.Unwritten("normalization", new Shape(4, shape.Channels));
        var runningMean = bench.Random("runningMean", vector);
        var runningVariance = Positive(bench, "runningVariance", shape.Channels);
        var pictureMean = pictures ? bench.Unwritten("pictureMean", shape.PerPicture()) : Tensor.None;
        return kernels => kernels.AbnStatistics(
            x, weight, bias, Epsilon, 0.1f, normalization, runningMean, runningVariance, pictureMean);
    }

    private static Action<IKernels> ConvolutionStatistics(KernelWorkbench bench, Shape shape, int window)
    {
        var (vector, geometry) = (new Shape(shape.Channels), new ConvolutionGeometry(Stride: 1, window / 2));
        var x = bench.Random("x", shape);
        var filter = bench.Random("filter", new Shape(shape.Channels, window, window, shape.Channels));
        var (weight, bias) = (bench.Random("weight", vector), bench.Random("bias", vector));
        var y = bench.Unwritten("y", shape);
        var normalization = bench.Unwritten("normalization", new Shape(4, shape.Channels));
        var runningMean = bench.Random("runningMean", vector);
        var runningVariance = Positive(bench, "runningVariance", shape.Channels);
        return kernels => kernels.AbnConvolutionStatistics(
            x, filter, geometry, y, weight, bias, Epsilon, 0.1f, normalization, runningMean, runningVariance);
    }

    // Of 100 pixels whose mean is at most 1 and whose variance is at least 0.1, so that few digits are lost; one
    // channel has a variance that rounding has made negative.
    private static Action<IKernels> SumsNormalization(KernelWorkbench bench, Shape shape)
    {
        const int Pixels = 100;
        var (channels, vector) = (shape.Channels, new Shape(shape.Channels));
        var means = CaseValues.Random(channels, 13);
        var squares = means.Select((mean, c) => c == channels - 1
            ? Pixels * mean * mean * (1 - 1e-6f)
            : Pixels * (0.1f + Math.Abs(mean) + mean * mean));
        var sums = bench.Of("sums", new Shape(2, channels), [.. means.Select(mean => Pixels * mean), .. squares]);
        var (weight, bias) = (bench.Random("weight", vector), bench.Random("bias", vector));
        var normalization = bench.Unwritten("normalization", new Shape(4, channels));
        var runningMean = bench.Random("runningMean", vector);
        var runningVariance = Positive(bench, "runningVariance", channels);
        return kernels => kernels.AbnSumsNormalization(
            sums, Pixels, weight, bias, Epsilon, 0.1f, normalization, runningMean, runningVariance);
    }

    private static Action<IKernels> AbnBackward(KernelWorkbench bench, Shape shape, float gamma, bool training)
    {
        const float Slope = 0.01f;
        var (weights, bias) = Weights(bench, shape.Channels, gamma);
        var y = LeakyOutput(bench, shape, bias, gamma, Slope);
        var normalization = bench.Normalization("normalization", shape.Channels, gamma);
        var dy = bench.Random("dy", shape);
        var (dweight, dbias) = (bench.Unwritten("dweight", weights.Shape), bench.Unwritten("dbias", bias.Shape));
        return kernels =>
            kernels.AbnBackward(y, normalization, weights, bias, Epsilon, Slope, training, dy, dweight, dbias);
    }

    private static Tensor LeakyOutput(KernelWorkbench bench, Shape shape, Tensor bias, float gamma, float slope)
    {
        var biases = bench.Backend.Device.ToHost<float>(bias);
        var values = CaseValues.Random(shape.Count, 5);
        for (var i = 0; i < values.Length; i++)
        {
            var z = gamma * values[i] + biases[i % shape.Channels];
            values[i] = z >= 0 ? z : slope * z;
        }
        return bench.Of("y", shape, values);
    }

    private static Action<IKernels> IdentityAbnBackward(KernelWorkbench bench, Shape shape, float gamma, bool training)
    {
        var (weight, _) = Weights(bench, shape.Channels, gamma);
        var x = bench.Random("x", shape);
        var normalization = bench.Normalization("normalization", shape.Channels, gamma);
        var dy = bench.Random("dy", shape);
        var (dweight, dbias) = (bench.Unwritten("dweight", weight.Shape), bench.Unwritten("dbias", weight.Shape));
        return kernels => kernels.IdentityAbnBackward(x, normalization, weight, training, dy, dweight, dbias);
    }

    // |weight| + eps is gamma; every other weight is negative, and so is every third bias.
    private static (Tensor Weight, Tensor Bias) Weights(KernelWorkbench bench, int channels, float gamma)
    {
        var weight = Enumerable.Range(0, channels).Select(c => (c % 2 == 0 ? 1 : -1) * (gamma - Epsilon));
        var bias = Enumerable.Range(0, channels).Select(c => (c % 3 == 0 ? -0.3f : 0.4f) + 0.01f * (c % 7));
        return (bench.Of("weight", new Shape(channels), [.. weight]), bench.Of("bias", new Shape(channels), [.. bias]));
    }

    private static Tensor Positive(KernelWorkbench bench, string name, int channels)
    {
        var values = Array.ConvertAll(CaseValues.Random(channels, 11), value => 0.1f + Math.Abs(value));
        return bench.Of(name, new Shape(channels), values);
    }
}
