namespace Flixstock.Engine;

/// <summary>Place of a small batch among those whose gradients are summed into one update.</summary>
public enum GradientPart
{
    /// <summary>The first of several: the sum begins with it.</summary>
    First,
    /// <summary>Neither the first nor the last.</summary>
    Middle,
    /// <summary>The last of several: the sum takes its gradient's place.</summary>
    Last,
}

public partial interface IKernels
{
    /// <summary>
    /// Sums the gradients of small batches in single precision. First: sum = g. Middle: sum += g. Last: g += sum, each
    /// element where it was written, and the sum stays as it was.
    /// </summary>
    /// <param name="gradients">[T]; read, and written by the last part.</param>
    /// <param name="low">
    /// [T] Float16 or BFloat16, gradients in 16 bits at the same places; or <see cref="Tensor.None"/>.
    /// </param>
    /// <param name="map">
    /// [T / 64] Int8: not 0 if these 64 elements lie in <paramref name="low"/>; or <see cref="ReadOnlyTensor.None"/>.
    /// </param>
    /// <param name="part">Place of the gradients among those that are summed.</param>
    /// <param name="sum">[T]</param>
    void GradientSum(Tensor gradients, Tensor low, ReadOnlyTensor map, GradientPart part, Tensor sum);
}
