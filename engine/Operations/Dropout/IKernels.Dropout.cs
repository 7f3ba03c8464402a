namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// y = x / (1 - rate) where an element stays, else 0 (Srivastava et al., "Dropout", 2014). Which elements stay
    /// follows from seed, step and place alone (<see cref="DropoutMask"/>), so that the backward pass is the same call
    /// with the gradients. Float32 on every device.
    /// </summary>
    /// <param name="input">x</param>
    /// <param name="rate">Share of elements that become 0; at least 0, below 1.</param>
    /// <param name="seed">Seed of the layer.</param>
    /// <param name="position">
    /// [2] Int32, epoch and step of the training; <see cref="ReadOnlyTensor.None"/>: step 0.
    /// </param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="output">y; without <paramref name="accumulate"/> it may lie in x's memory.</param>
    void Dropout(
        ReadOnlyTensor input, float rate, ulong seed, ReadOnlyTensor position, bool accumulate, Tensor output);
}
