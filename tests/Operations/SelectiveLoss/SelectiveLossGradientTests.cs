using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// The loss's gradient against differences of its formula in double. The focusing factors and the weights (top-k,
/// prior) are constants for the gradient, so they are frozen at the point.
/// </summary>
public class SelectiveLossGradientTests
{
    private const int Batch = 5, Classes = 7;

    private static float[] Logits => TestTensors.Random(Batch * Classes, 3, deviation: 2);

    private static sbyte[] Labels => [.. Enumerable.Range(0, Batch * Classes).Select(i => (sbyte)(i * 7 % 3 - 1))];

    [Test]
    public void TheSelectiveLossesGradientIsItsFormulas(
        [Values] PartialLossMode mode,
        [Values(0f, 0.05f)] float clip,
        [ValueSource(typeof(TestTensors), nameof(TestTensors.Backends))] string kind)
    {
        using var backend = TestTensors.Open(kind);
        var options = new SelectiveLossOptions(mode, 1, 2, 4, 1.5f, 0.5f, 0.75f, clip, LikelihoodTopK: 1);
        var shape = new Shape(Batch, Classes);
        var (gradient, weights) = (backend.Device.Allocate(shape), backend.Device.Allocate(shape));
        var prior = backend.Device.FromHost<float>([0.1f, 0.7f, 0.2f, 0.3f, 0.9f, 0.4f, 0.1f], new Shape(Classes));
        backend.Kernels.SelectiveLoss(
            backend.Device.FromHost<float>(Logits, shape),
            backend.Device.FromHost<sbyte>(Labels, shape, ElementType.Int8),
            prior,
            options,
            backend.Device.Allocate(new Shape(1)),
            gradient,
            weights);
        var frozen = backend.Device.ToHost<float>(weights);
        var factors = Logits.Select((logit, i) => frozen[i] * Factor(logit, Labels[i], options)).ToArray();
        double Value(double[] logits) =>
            logits.Select((logit, i) => -factors[i] * Math.Log(Argument(logit, Labels[i], clip))).Sum();

        var report = GradientCheck.RunFunction("selective loss", Logits, Value, backend.Device.ToHost<float>(gradient));
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Checked, Is.EqualTo(Batch * Classes), "every entry was compared");
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
