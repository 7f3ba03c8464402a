namespace Flixstock.Engine;

/// <summary>
/// The table of operations a device must have. Its parts lie in the operations' folders, next to their implementations.
/// <para>
/// Rules for all of them. Arguments in the order sources (<see cref="ReadOnlyTensor"/>), numbers, destinations
/// (<see cref="Tensor"/>). A destination that is also read says so ("in place", "added to"). Activations are NHWC and
/// dense, convolution weights KRSC; this is never passed. Parameters, statistics, logits, losses and optimizer state
/// are fp32; activations have the device's activation type. Shapes were checked by the layer: implementations may
/// assume them. Work is queued in call order; nothing here waits for the device. No call allocates once warm. Sums have
/// a fixed order: the same call gives the same bits for any number of threads.
/// </para>
/// </summary>
/// <remarks>Threads: one at a time, unless the table of operations that implements it says otherwise.</remarks>
public partial interface IKernels
{
    /// <summary>Queues a kernel that is not in this table: one that the program brought along.</summary>
    /// <param name="kernel">The kernel to run.</param>
    /// <param name="first">A source, or <see cref="ReadOnlyTensor.None"/>.</param>
    /// <param name="second">Another source, or <see cref="ReadOnlyTensor.None"/>.</param>
    /// <param name="output">A destination, of which the values before the call may be read too.</param>
    /// <param name="secondOutput">Another destination, or <see cref="Tensor.None"/>.</param>
    void Custom(CustomKernel kernel, ReadOnlyTensor first, ReadOnlyTensor second, Tensor output, Tensor secondOutput);
}
