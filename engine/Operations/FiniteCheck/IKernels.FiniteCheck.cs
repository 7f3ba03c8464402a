namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>flag[0] becomes 1 if any element is infinite or not a number; otherwise it stays as it was.</summary>
    /// <param name="input">Float32, Float16 or BFloat16.</param>
    /// <param name="flag">[1] Int32, in place.</param>
    void FiniteCheck(ReadOnlyTensor input, Tensor flag);
}
