namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// Anti-aliased downsampling (Zhang 2019): reflect padding of 1, [1 2 1] x [1 2 1] / 16, stride 2.
    /// </summary>
    /// <param name="input">[N, H, W, C], H and W at least 2.</param>
    /// <param name="output">[N, (H+1)/2, (W+1)/2, C]</param>
    void BlurPoolForward(ReadOnlyTensor input, Tensor output);

    /// <summary>The input's gradient of <see cref="BlurPoolForward"/>.</summary>
    /// <param name="outputGradient">[N, (H+1)/2, (W+1)/2, C]</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, H, W, C]</param>
    void BlurPoolBackward(ReadOnlyTensor outputGradient, bool accumulate, Tensor inputGradient);
}
