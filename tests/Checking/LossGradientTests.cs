using Flixstock.Engine;

namespace Flixstock.Tests.Checking;

/// <summary>
/// The losses' gradients against differences of their formulas in double. The focusing factors and the weights (top-k, prior) are constants for the gradient,
/// so they are frozen at the point.
/// </summary>
public class LossGradientTests
{
    private const int Batch = 5, Classes = 7;

    private static float[] Logits => TestTensors.Random(Batch * Classes, 3, deviation: 2);

    private static sbyte[] Labels => [.. Enumerable.Range(0, Batch * Classes).Select(i => (sbyte)(i * 7 % 3 - 1))];

    [Test]
    public void TheSelectiveLossesGradientIsItsFormulas(
        [Values] PartialLossMode mode, [Values(0f, 0.05f)] float clip, [ValueSource(typeof(TestTensors), nameof(TestTensors.Backends))] string kind)
    {
        using var backend = TestTensors.Open(kind);
        var options = new SelectiveLossOptions(mode, 1, 2, 4, 1.5f, 0.5f, 0.75f, clip, LikelihoodTopK: 1);
        var shape = new Shape(Batch, Classes);
        var (gradient, weights) = (backend.Device.Allocate(shape), backend.Device.Allocate(shape));
        var prior = backend.Device.FromHost<float>([0.1f, 0.7f, 0.2f, 0.3f, 0.9f, 0.4f, 0.1f], new Shape(Classes));
        backend.Kernels.SelectiveLoss(
            backend.Device.FromHost<float>(Logits, shape), backend.Device.FromHost<sbyte>(Labels, shape, ElementType.Int8), prior, options,
            backend.Device.Allocate(new Shape(1)), gradient, weights);
        var frozen = backend.Device.ToHost<float>(weights);
        var factors = Logits.Select((logit, i) => frozen[i] * Factor(logit, Labels[i], options)).ToArray();
        double Value(double[] logits) => logits.Select((logit, i) => -factors[i] * Math.Log(Argument(logit, Labels[i], clip))).Sum();

        var report = GradientCheck.RunFunction("selective loss", Logits, Value, backend.Device.ToHost<float>(gradient));
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Checked, Is.EqualTo(Batch * Classes), "every entry was compared");
    }

    [Test]
    public void TheGroupedLossesGradientIsItsFormulas([ValueSource(typeof(TestTensors), nameof(TestTensors.Backends))] string kind)
    {
        using var backend = TestTensors.Open(kind);
        var shape = new Shape(Batch, Classes);
        // Attributes of 3 and 4 classes. Rows: both known; second unknown; some excluded; contradictory (nothing allowed); one excluded, one known.
        sbyte[] labels =
        [
            1, 0, 0, 0, 0, 1, 0,
            0, 1, 0, -1, -1, -1, -1,
            0, -1, -1, 0, 0, -1, -1,
            0, 0, 0, 0, 0, 0, 0,
            -1, -1, 0, 1, 0, 0, 0,
        ];
        int[] firsts = [0, 3, Classes];
        var (gradient, loss) = (backend.Device.Allocate(shape), backend.Device.Allocate(new Shape(1)));
        backend.Kernels.GroupedSoftmaxLoss(
            backend.Device.FromHost<float>(Logits, shape), backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8),
            backend.Device.FromHost<int>(firsts, new Shape(3), ElementType.Int32), loss, gradient);
        double Value(double[] logits)
        {
            var sum = 0.0;
            for (var n = 0; n < Batch; n++)
            {
                for (var group = 0; group < 2; group++)
                {
                    int[] own = [.. Enumerable.Range((n * Classes) + firsts[group], firsts[group + 1] - firsts[group])];
                    int[] allowed = own.Any(i => labels[i] == 1) ? [.. own.Where(i => labels[i] == 1)] : [.. own.Where(i => labels[i] < 0)];
                    if (allowed.Length > 0)
                        sum += Math.Log(own.Sum(i => Math.Exp(logits[i]))) - Math.Log(allowed.Sum(i => Math.Exp(logits[i])));
                }
            }
            return sum;
        }

        var report = GradientCheck.RunFunction("grouped softmax loss", Logits, Value, backend.Device.ToHost<float>(gradient));
        Assert.That(report.Failures, Is.Empty);
        Assert.That(backend.Device.ToHost<float>(loss)[0], Is.EqualTo(Value([.. Logits.Select(logit => (double)logit)])).Within(1e-5));
        Assert.That(backend.Device.ToHost<float>(gradient).AsSpan((3 * Classes), Classes).ToArray(), Is.All.Zero, "where nothing is allowed nothing is learnt");
    }

    private static double Argument(double logit, sbyte label, float clip)
    {
        var p = 1 / (1 + Math.Exp(-logit));
        return label == 1 ? p : Math.Min(1 - p + clip, 1);
    }

    private static double Factor(double logit, sbyte label, SelectiveLossOptions options)
    {
        var (alpha, gamma) = label switch
        {
            1 => (options.AlphaPositive, options.GammaPositive),
            0 => (options.AlphaNegative, options.GammaNegative),
            _ => (options.AlphaUnannotated, options.GammaUnannotated),
        };
        return alpha * Math.Pow(1 - Argument(logit, label, options.Clip), gamma);
    }
}
