namespace Flixstock.Engine;

public partial interface IKernels
{
    /// <summary>
    /// factor[0] becomes min(1, limit / (norm + 1e-6)), by which a gradient is to be multiplied so that its norm over
    /// all elements stays within a limit (Pascanu et al., "On the difficulty of training recurrent neural networks",
    /// 2013). The norm is that of the gradient without the loss scale. Of a gradient that is not finite the factor is
    /// undefined.
    /// </summary>
    /// <param name="gradients">[T]</param>
    /// <param name="low">
    /// Gradients in 16 bits with their map, and the loss scale, each of which may be missing; its other parts are not
    /// used.
    /// </param>
    /// <param name="limit">The greatest norm, above 0.</param>
    /// <param name="factor">[1]</param>
    void GradientClip(ReadOnlyTensor gradients, LowPrecisionStep low, float limit, Tensor factor);
}

/// <summary>The factor of a norm, in every table of operations.</summary>
internal static class GradientClipRule
{
    private const double LeastNorm = 1e-6; // PyTorch's: a gradient of zeros has a factor

    /// <summary>The factor.</summary>
    /// <param name="squares">Sum of the squared elements.</param>
    /// <param name="lossScale">What the loss gradient was multiplied with.</param>
    /// <param name="limit">The greatest norm.</param>
    public static float Factor(double squares, double lossScale, float limit) =>
        (float)Math.Min(1, limit / ((Math.Sqrt(squares) / lossScale) + LeastNorm));
}
