namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// Blocks of block x block pixels become channels: y[n,p,q,(dy*block+dx)*C+c] = x[n,p*block+dy,q*block+dx,c].
    /// Pixels of type UInt8 are divided by 255 (a true division, as pretrained weights expect); Float32 is taken as it
    /// is.
    /// </summary>
    /// <param name="input">[N, H, W, C], H and W multiples of block; UInt8 or Float32.</param>
    /// <param name="block">Height and width of a block in pixels, 4 in TResNet.</param>
    /// <param name="output">[N, H/block, W/block, block*block*C]</param>
    void SpaceToDepthForward(ReadOnlyTensor input, int block, Tensor output);

    /// <summary>The input's gradient of <see cref="SpaceToDepthForward"/> (for Float32 inputs).</summary>
    /// <param name="outputGradient">[N, H/block, W/block, block*block*C]</param>
    /// <param name="block">Height and width of a block in pixels.</param>
    /// <param name="accumulate">Add to the destination instead of writing it.</param>
    /// <param name="inputGradient">[N, H, W, C]</param>
    void SpaceToDepthBackward(ReadOnlyTensor outputGradient, int block, bool accumulate, Tensor inputGradient);
}
