using Flixstock.Engine;

namespace Flixstock.Tests.Optimization;

public class LossScalerTests
{
    private static readonly string[] Kinds = ["reference", "cpu"];

    [TestCaseSource(nameof(Kinds))]
    public void AnOverflowHalvesTheScaleAndStartsTheCountAnew(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var scaler = new LossScaler(backend, 1024, interval: 4);
        Update(backend, scaler, skip: 0);
        Assert.That((scaler.Value, scaler.GoodStepsTaken), Is.EqualTo((1024f, 1)));
        Update(backend, scaler, skip: 1);
        Assert.That((scaler.Value, scaler.GoodStepsTaken), Is.EqualTo((512f, 0)));
    }

    [TestCaseSource(nameof(Kinds))]
    public void SoManyGoodStepsDoubleTheScale(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var scaler = new LossScaler(backend, 1024, interval: 3);
        for (var step = 0; step < 3; step++)
            Update(backend, scaler, skip: 0);
        Assert.That((scaler.Value, scaler.GoodStepsTaken), Is.EqualTo((2048f, 0)));
    }

    [TestCaseSource(nameof(Kinds))]
    public void TheLossGradientIsMultiplied(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var scaler = new LossScaler(backend, 8);
        var gradient = backend.Device.FromHost<float>([1, -2, 0.5f], new Shape(1, 3));
        scaler.Apply(gradient);
        Assert.That(backend.Device.ToHost<float>(gradient), Is.EqualTo(new[] { 8f, -16, 4 }));
    }

    [TestCaseSource(nameof(Kinds))]
    public void ARestoredScalerGoesOnWhereItWas(string kind)
    {
        using var backend = TestTensors.Open(kind);
        using var scaler = new LossScaler(backend, interval: 5);
        scaler.Restore(64, 4);
        Update(backend, scaler, skip: 0);
        Assert.That((scaler.Value, scaler.GoodStepsTaken), Is.EqualTo((128f, 0)));
    }

    private static void Update(Backend backend, LossScaler scaler, int skip)
    {
        var flag = backend.Device.FromHost<int>([skip], new Shape(1), ElementType.Int32);
        scaler.Update(flag);
        backend.Device.Free(flag);
    }
}
