using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>
/// The losses' gradients against differences of their formulas in double, written anew from the papers. What the
/// published programs keep out of the gradient, and which labels are changed, is frozen at the point.
/// </summary>
public class PartialLossGradientTests
{
    private const int Batch = 5, Classes = 7, Epoch = 3;

    private static float[] Logits => TestTensors.Random(Batch * Classes, 3, deviation: 2);

    private static sbyte[] Labels => [.. Enumerable.Range(0, Batch * Classes).Select(i => (sbyte)(i * 7 % 3 - 1))];

    [Test]
    public void ThePartialLossesGradientsAreTheirFormulas(
        [ValueSource(typeof(PartialLossUnderTest), nameof(PartialLossUnderTest.Kinds))] PartialLossKind kind,
        [ValueSource(typeof(TestTensors), nameof(TestTensors.Backends))] string device)
    {
        using var backend = TestTensors.Open(device);
        var options = new PartialLossOptions(kind) { Gamma = 1.5f, Q2 = 0.3f, Q3 = 0.7f, Epochs = 4, Rate = 7 };
        var shape = new Shape(Batch, Classes);
        var (loss, gradient) = PartialLossUnderTest.Run(
            backend,
            backend.Device.FromHost<float>(Logits, shape),
            backend.Device.FromHost<sbyte>(Labels, shape, ElementType.Int8),
            options,
            Epoch);
        var changed = Changed(options);
        double Value(double[] logits) => logits
            .Select((logit, i) => PartialLossUnderTest.Target(i, Labels[i]) is > 0 and < 1 and var soft
                && kind == PartialLossKind.EmApl
                    ? SoftTerm(logit, soft)
                    : Term(logit, Logits[i], Labels[i], changed.Contains(i), options)).Sum();

        var report = GradientCheck.RunFunction($"{kind}", Logits, Value, gradient);
        Assert.That(report.Failures, Is.Empty);
        Assert.That(report.Checked, Is.EqualTo(Batch * Classes), "every entry was compared");
        var expected = Value([.. Logits.Select(logit => (double)logit)]);
        Assert.That(loss, Is.EqualTo(expected).Within(2e-6 * Math.Abs(expected)));
    }

    private static HashSet<int> Changed(PartialLossOptions options)
    {
        var unknown = Enumerable.Range(0, Labels.Length).Where(i => Labels[i] < 0);
        return options.Kind switch
        {
            PartialLossKind.Splc => [.. unknown.Where(i => Sigmoid(Logits[i]) > options.Threshold)],
            // 14 % of 35 labels
            PartialLossKind.LargeLossR or PartialLossKind.LargeLossCt =>
                [.. unknown.OrderByDescending(i => Logits[i]).Take(5)],
            // 7 %, in every epoch
            PartialLossKind.LargeLossCp => [.. unknown.OrderByDescending(i => Logits[i]).Take(3)],
            _ => [],
        };
    }

    private static double Term(double x, double frozen, sbyte label, bool changed, PartialLossOptions options)
    {
        var (p, shifted) = (Sigmoid(x), Sigmoid(x - options.Margin));
        switch (options.Kind)
        {
            case PartialLossKind.Hill or PartialLossKind.Splc when label == 1:
                return -Math.Pow(1 - shifted, options.Gamma) * Math.Log(shifted);
            case PartialLossKind.Splc when changed:
                return -Math.Pow(1 - p, options.Gamma) * Math.Log(p);
            case PartialLossKind.Splc:
                return -Math.Pow(p, options.Gamma) * Math.Log(1 - p);
            case PartialLossKind.Hill when label < 0:
                return (1.5 - p) * p * p;
            case PartialLossKind.Em or PartialLossKind.EmApl or PartialLossKind.Gr when label >= 0:
                var epsilon = options.Kind == PartialLossKind.Gr ? 1e-7 : 1e-5;
                return -Math.Log((label == 1 ? p : 1 - p) + epsilon);
            case PartialLossKind.Em or PartialLossKind.EmApl:
                return 0.1 * ((p * Math.Log(p + 1e-5)) + ((1 - p) * Math.Log(1 - p + 1e-5)));
            case PartialLossKind.Gr:
                // The third of four epochs: w and b have gone half of the way, mu and sigma three quarters.
                var at = Sigmoid(frozen);
                var k = Sigmoid((1 * at) - 2);
                var v = Math.Exp(-Math.Pow((at - 0.725) / 0.875, 2) / 2);
                return v * ((k * (1 - Math.Pow(p, 0.3f)) / 0.3f) + ((1 - k) * (1 - Math.Pow(1 - p, 0.7f)) / 0.7f));
            case PartialLossKind.Wan when label < 0:
                return -Math.Log(1 - p) / (Classes - 1);
            case PartialLossKind.LargeLossR when changed:
                return 0;
            default:
                return label == 1 || changed ? -Math.Log(p) : -Math.Log(1 - p);
        }
    }

    private static double SoftTerm(double x, double s) =>
        -0.9 * ((s * Math.Log(Sigmoid(x) + 1e-5)) + ((1 - s) * Math.Log(1 - Sigmoid(x) + 1e-5)));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
