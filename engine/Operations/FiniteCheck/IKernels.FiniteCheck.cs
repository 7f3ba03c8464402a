namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>flag[0] becomes 1 if any element is infinite or not a number; otherwise it stays as it was.</summary>
    /// <param name="input">Float32, Float16 or BFloat16.</param>
    /// <param name="flag">[1] Int32, in place.</param>
    void FiniteCheck(ReadOnlyTensor input, Tensor flag);

    /// <summary>
    /// The same for the gradients of a step in 16 bits, each where it was written: the other buffer is not read there.
    /// </summary>
    /// <param name="gradients">[T]</param>
    /// <param name="low">Gradients in 16 bits with their map; its other parts are not used.</param>
    /// <param name="flag">[1] Int32, in place.</param>
    void GradientsFiniteCheck(ReadOnlyTensor gradients, LowPrecisionStep low, Tensor flag);
}
