namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>y[n,p,c] = x[n,p,c] * excitation[n,c]; y may lie in x's memory.</summary>
    /// <param name="input">[N, H, W, C]</param>
    /// <param name="excitation">[N, C]</param>
    /// <param name="output">[N, H, W, C]</param>
    void ExciteForward(ReadOnlyTensor input, ReadOnlyTensor excitation, Tensor output);

    /// <summary>excitationGradient[n,c] = sum over pixels of dy * x.</summary>
    /// <param name="input">x, [N, H, W, C]</param>
    /// <param name="outputGradient">dy, [N, H, W, C]</param>
    /// <param name="excitationGradient">[N, C]</param>
    void ExciteBackwardReduce(ReadOnlyTensor input, ReadOnlyTensor outputGradient, Tensor excitationGradient);

    /// <summary>In place: dy becomes dy * excitation + pooledGradient / (H*W).</summary>
    /// <param name="excitation">[N, C]</param>
    /// <param name="pooledGradient">[N, C], gradient of the mean over pixels of x.</param>
    /// <param name="gradient">dy becomes dx, [N, H, W, C]</param>
    [Reads(nameof(gradient))]
    void ExciteBackwardApply(ReadOnlyTensor excitation, ReadOnlyTensor pooledGradient, Tensor gradient);
}
