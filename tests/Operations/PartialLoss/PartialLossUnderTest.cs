using Flixstock.Engine;

namespace Flixstock.Tests.Operations;

/// <summary>A loss for unknown labels, computed on a backend.</summary>
internal static class PartialLossUnderTest
{
    public static readonly PartialLossKind[] Kinds = Enum.GetValues<PartialLossKind>();

    /// <param name="backend">Where it is computed.</param>
    /// <param name="logits">[N, K]</param>
    /// <param name="labels">[N, K]</param>
    /// <param name="options">The loss.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    public static (float Loss, float[] Gradient) Run(
        Backend backend, ReadOnlyTensor logits, ReadOnlyTensor labels, PartialLossOptions options, int epoch)
    {
        var device = backend.Device;
        var (loss, gradient) = (device.Allocate(new Shape(1)), device.Allocate(logits.Shape));
        if (options.LabelType != labels.Type)
            labels = Targets(device, labels, logits.Shape);
        var position = options.ReadsPosition
            ? device.FromHost<int>([epoch, 1], new Shape(2), ElementType.Int32)
            : ReadOnlyTensor.None;
        backend.Kernels.PartialLoss(logits, labels, position, options, loss, gradient);
        return (device.ToHost<float>(loss)[0], device.ToHost<float>(gradient));
    }

    /// <summary>Labels as targets, every other unknown one a pseudo-label.</summary>
    /// <param name="index">Place of the label.</param>
    /// <param name="label">1, 0 or -1.</param>
    public static float Target(int index, sbyte label) => label >= 0 || index % 2 == 0 ? label : 1f / (2 + (index % 7));

    /// <summary>The labels of a tensor as targets.</summary>
    /// <param name="device">Where it lies.</param>
    /// <param name="labels">[N, K] Int8</param>
    /// <param name="shape">[N, K]</param>
    public static Tensor Targets(Device device, ReadOnlyTensor labels, Shape shape) => device.FromHost<float>(
        [.. device.ToHost<sbyte>(labels).Select((label, i) => Target(i, label))], shape);
}
