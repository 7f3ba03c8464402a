namespace Flixstock.Engine;

/// <summary>
/// Makes the batch statistics of several processes, each with pictures of its own, those of all their pictures: batch
/// norm calls it twice for each layer and step, between its own sums and what follows from them.
/// </summary>
/// <remarks>
/// Threads: one at a time. Both calls queue work on the device of the tensor, behind what is queued there already, and
/// wait for nothing. They are the same in every step, so that a step can be captured and replayed: an implementation
/// may not depend on being called again. All processes call in the same order, with the same shapes, and must hold the
/// same running statistics.
/// </remarks>
public interface IStatisticsReducer
{
    /// <summary>How many processes there are, from 1.</summary>
    int Processes { get; }

    /// <summary>Which one this is, from 0.</summary>
    int Process { get; }

    /// <summary>
    /// Forward pass: brings together what each process has found. The kernels merge it, in the order of the processes.
    /// </summary>
    /// <param name="moments">
    /// [processes, 3, C] Float32: for each process and channel the number of pixels, their mean less the running mean
    /// from before this step, and the sum of the squares of their deviations from their own mean. This process's part
    /// is filled, and the call fills the others'.
    /// </param>
    void GatherMoments(Tensor moments);

    /// <summary>Backward pass: adds over the processes.</summary>
    /// <param name="sums">
    /// [2, C] Float32: for each channel the sums of d and of d * xhat over this process's pixels, both divided by the
    /// number of pixels of all processes. xhat is the input less the mean, divided by the deviation; d is the gradient
    /// by scale * x + shift, and has the loss scale as a factor where there is one. The call leaves the sum over all
    /// processes.
    /// </param>
    void AddSums(Tensor sums);
}
