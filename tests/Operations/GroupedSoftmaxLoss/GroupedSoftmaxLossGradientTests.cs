using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The loss's gradient against differences of its formula in double.</summary>
public class GroupedSoftmaxLossGradientTests
{
    private const int Batch = 5, Classes = 7;

    private static float[] Logits => TestTensors.Random(Batch * Classes, 3, deviation: 2);

    [Test]
    public void TheGroupedLossesGradientIsItsFormulas(
        [ValueSource(typeof(TestTensors), nameof(TestTensors.Backends))] string kind,
        [Values(0f, 0.1f, 0.9f)] float smoothing)
    {
        using var backend = TestTensors.Open(kind);
        var shape = new Shape(Batch, Classes);
        // Attributes of 3 and 4 classes. Rows: both known; second unknown; some excluded; contradictory (nothing
        // allowed); one excluded, one known.
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
            backend.Device.FromHost<float>(Logits, shape),
            backend.Device.FromHost<sbyte>(labels, shape, ElementType.Int8),
            backend.Device.FromHost<int>(firsts, new Shape(3), ElementType.Int32),
            smoothing,
            loss,
            gradient);
        double Value(double[] logits)
        {
            var sum = 0.0;
            for (var n = 0; n < Batch; n++)
            {
                for (var group = 0; group < 2; group++)
                {
                    int[] own = [.. Enumerable.Range((n * Classes) + firsts[group], firsts[group + 1] - firsts[group])];
                    int[] positive = [.. own.Where(i => labels[i] == 1)];
                    int[] allowed = positive.Length > 0 ? positive : [.. own.Where(i => labels[i] < 0)];
                    if (allowed.Length == 0)
                        continue;
                    var spread = positive.Length > 0 ? smoothing : 0;
                    sum += (1 - spread) * (LogOfSum(own, logits) - LogOfSum(allowed, logits))
                        + spread * (LogOfSum(own, logits) - own.Average(i => logits[i]));
                }
            }
            return sum;
        }

        var report = GradientCheck.RunFunction(
            "grouped softmax loss", Logits, Value, backend.Device.ToHost<float>(gradient));
        Assert.That(report.Failures, Is.Empty);
        var expected = Value([.. Logits.Select(logit => (double)logit)]);
        Assert.That(backend.Device.ToHost<float>(loss)[0], Is.EqualTo(expected).Within(1e-5));
        var contradictory = backend.Device.ToHost<float>(gradient).AsSpan(3 * Classes, Classes).ToArray();
        Assert.That(contradictory, Is.All.Zero, "where nothing is allowed nothing is learnt");
    }

    [Test]
    public void SmoothedGradientsAreSoftmaxMinusTarget(
        [ValueSource(typeof(TestTensors), nameof(TestTensors.Backends))] string kind)
    {
        using var backend = TestTensors.Open(kind);
        var shape = new Shape(1, 4);
        var (gradient, loss) = (backend.Device.Allocate(shape), backend.Device.Allocate(new Shape(1)));
        backend.Kernels.GroupedSoftmaxLoss(
            backend.Device.FromHost<float>([0, 0, 0, 0], shape),
            backend.Device.FromHost<sbyte>([0, 1, 0, 0], shape, ElementType.Int8),
            backend.Device.FromHost<int>([0, 4], new Shape(2), ElementType.Int32), 0.2f, loss, gradient);
        Assert.That(
            backend.Device.ToHost<float>(gradient), Is.EqualTo(new[] { 0.2f, -0.6f, 0.2f, 0.2f }).Within(1e-6));
        Assert.That(backend.Device.ToHost<float>(loss)[0], Is.EqualTo(Math.Log(4)).Within(1e-6));
    }

    private static double LogOfSum(int[] classes, double[] logits) => Math.Log(classes.Sum(i => Math.Exp(logits[i])));
}
