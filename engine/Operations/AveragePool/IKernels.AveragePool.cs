namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// Mean of 2x2 pixels, stride 2; at odd edges the divisor is the number of pixels really covered.
    /// </summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="output">[N, (H+1)/2, (W+1)/2, C]</param>
    void AveragePoolForward(ReadOnlyTensor input, Tensor output);

    /// <summary>The input's gradient of <see cref="AveragePoolForward"/>.</summary>
    /// <param name="outputGradient">[N, (H+1)/2, (W+1)/2, C]</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, H, W, C]</param>
    void AveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient);
}
