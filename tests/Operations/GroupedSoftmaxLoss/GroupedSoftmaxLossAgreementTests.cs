using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>The CPU's loss against the reference kernels: sizes and threads.</summary>
public class GroupedSoftmaxLossAgreementTests
{
    [TestCase(1, 9, 0f)]
    [TestCase(65, 31, 0f)]
    [TestCase(130, 21, 0f)]
    [TestCase(65, 31, 0.1f)]
    public void GroupedLossAgreesAndDoesNotDependOnThreads(int batch, int classes, float smoothing)
    {
        (float Loss, float[] Gradient) Grouped(Backend opened)
        {
            using var backend = opened;
            var device = backend.Device;
            var (logits, labels, _) = LossInputs.Of(device, batch, classes, 0.7);
            var groups = device.FromHost<int>([0, 2, 6, classes], new Shape(4), ElementType.Int32);
            var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
            backend.Kernels.GroupedSoftmaxLoss(logits, labels, groups, smoothing, loss, gradient);
            return (device.ToHost<float>(loss)[0], device.ToHost<float>(gradient));
        }
        var expected = Grouped(Backend.Reference());
        var single = Grouped(Backend.Cpu(1));
        Assert.That(single.Loss, Is.EqualTo(expected.Loss).Within((2e-6 * expected.Loss) + 1e-12).And.GreaterThan(0));
        Assert.That(single.Gradient, Is.EqualTo(expected.Gradient), "the same term, added up in another order");
        Assert.That(Grouped(Backend.Cpu(3)), Is.EqualTo(single));
    }
}
