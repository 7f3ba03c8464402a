using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The loss and its gradient: against differences, against another loss, and where digits run out.</summary>
public sealed class SoftTargetLossTests
{
    private static readonly float[] Points = [-3, -0.5f, 0, 0.25f, 2, 7], Soft = [0.3f, 0, 1, 0.75f, -1, 0.01f];

    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void TheGradientIsTheLosses(string kind)
    {
        using var backend = Kinds.Open(kind);
        static double Value(double[] x) => x.Zip(Soft).Sum(pair => pair.Second < 0 ? 0
            : -(pair.Second * Math.Log(1 / (1 + Math.Exp(-pair.First))))
                - ((1 - pair.Second) * Math.Log(1 / (1 + Math.Exp(pair.First)))));
        var (loss, gradient) = Run(backend, Points, Soft);
        Assert.That(loss, Is.EqualTo(Value([.. Points.Select(x => (double)x)])).Within(1e-6));
        GradientCheck.RunFunction("soft targets", Points, Value, gradient).ThrowIfFailed();
    }

    // Of labels of 1, 0 and unknown it is the selective loss in mode ignore, without focusing.
    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void OfHardLabelsItIsCrossEntropy(string kind)
    {
        using var backend = Kinds.Open(kind);
        var (logits, labels, _) = LossInputs.Of(backend.Device, 13, 17, 0.6);
        using var selective = new SelectiveLoss(
            backend, SelectiveLossOptions.Default with
            {
                Mode = PartialLossMode.Ignore,
                GammaPositive = 0,
                GammaNegative = 0,
                GammaUnannotated = 0,
                Clip = 0,
            });
        var device = backend.Device;
        var (value, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
        selective.Compute(
            new LossInput(logits, labels, ReadOnlyTensor.None), new LossOutput(value, gradient, Tensor.None));
        var soft = device.ToHost<sbyte>(labels).Select(label => (float)label).ToArray();
        var (loss, own) = Run(backend, device.ToHost<float>(logits), soft);
        var expected = device.ToHost<float>(value)[0];
        Assert.That(loss, Is.EqualTo(expected).Within(2e-6 * expected));
        TestTensors.AssertClose(own, device.ToHost<float>(gradient), 2e-6, "gradient");
    }

    [TestCaseSource(typeof(Kinds), nameof(Kinds.All))]
    public void LargeScoresKeepTheirDigits(string kind)
    {
        using var backend = Kinds.Open(kind);
        var (loss, gradient) = Run(backend, [100, -100, 1000, -1000], [0, 1, 1, 0]);
        Assert.That(loss, Is.EqualTo(200));
        Assert.That(gradient, Is.EqualTo(new[] { 1f, -1, 0, 0 }));
    }

    private static (float Loss, float[] Gradient) Run(Backend backend, float[] logits, float[] targets)
    {
        var (device, shape) = (backend.Device, new Shape(1, logits.Length));
        var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(shape));
        backend.Kernels.SoftTargetLoss(
            device.FromHost<float>(logits, shape), device.FromHost<float>(targets, shape), loss, gradient);
        return (device.ToHost<float>(loss)[0], device.ToHost<float>(gradient));
    }
}
