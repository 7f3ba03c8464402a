namespace Flixstock.Engine;

/// <summary>Kernels that need nothing but the order in which they read a weight fastest.</summary>
internal interface IPackedWeights
{
    /// <summary>
    /// Keeps a weight until <see cref="IKernels.ReleaseWeight"/>, without a need for the one that is given.
    /// </summary>
    /// <param name="weight">[K, R, S, C] or [O, I]; may be freed.</param>
    /// <returns>
    /// Stands for the weight in <see cref="IKernels.ConvolutionFolded"/> and <see cref="IKernels.LinearForward"/>; its
    /// elements are not the weight's.
    /// </returns>
    Tensor PackWeight(ReadOnlyTensor weight);
}
