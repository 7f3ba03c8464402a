namespace Flixstock.Engine;

/// <summary>A convolution with the batch statistics of its output, for the norm after it, in one call.</summary>
internal static class MeasuredConvolution
{
    /// <summary>Computes both, where <see cref="Pass.MeasuresConvolutions"/>.</summary>
    /// <param name="pass">The kernels, the arena and the mode of this pass.</param>
    /// <param name="convolution">Keeps its input, as after its own forward pass.</param>
    /// <param name="normalization">Has its normalization afterwards, and has applied it to nothing.</param>
    /// <param name="input">[N, H, W, C]</param>
    /// <returns>The convolution's output.</returns>
    public static Tensor Forward(
        Pass pass, Convolution convolution, BatchNormalization normalization, Tensor input)
    {
        pass.Ranges?.Push(convolution.Name);
        var output = convolution.KeepInput(pass, input);
        normalization.NormalizeConvolved(pass, convolution, input, output);
        pass.Ranges?.Pop();
        return pass.Done(convolution, output);
    }
}
