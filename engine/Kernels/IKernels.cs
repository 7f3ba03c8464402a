namespace Flixstock.Engine;

/// <summary>
/// The table of operations a device must have. Its parts lie in the operations' folders, beside their implementations.
/// <para>
/// Rules for all of them. Arguments in the order sources (<see cref="ReadOnlyTensor"/>), numbers, destinations (<see cref="Tensor"/>). A destination that
/// is also read says so ("in place", "added to"). Activations are NHWC and dense, convolution weights KRSC; this is never passed.
/// Parameters, statistics, logits, losses and optimizer state are fp32; activations have the device's activation type. Shapes were checked by the layer:
/// implementations may assume them. Work is queued in call order; nothing here waits for the device. No call allocates once warm.
/// Sums have a fixed order: the same call gives the same bits whatever the number of threads.
/// </para>
/// </summary>
/// <remarks>Threads: one at a time, unless the table of operations that implements it says otherwise.</remarks>
public partial interface IKernels
{
}
