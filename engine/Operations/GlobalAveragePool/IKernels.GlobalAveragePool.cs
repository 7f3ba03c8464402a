namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>Mean over all pixels of a picture.</summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="output">[N, C]</param>
    void GlobalAveragePoolForward(ReadOnlyTensor input, Tensor output);

    /// <summary>The input's gradient of <see cref="GlobalAveragePoolForward"/>: dy / (H*W) at every pixel.</summary>
    /// <param name="outputGradient">[N, C]</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, H, W, C]</param>
    void GlobalAveragePoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient);
}
