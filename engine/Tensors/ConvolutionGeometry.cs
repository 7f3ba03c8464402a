namespace Flixstock.Engine;

/// <summary>Stride and padding of a convolution's window.</summary>
/// <param name="Stride">Step in pixels, the same in both directions.</param>
/// <param name="Padding">Number of zeros around the picture.</param>
public readonly record struct ConvolutionGeometry(int Stride, int Padding)
{
    /// <summary>Output extent for an input extent and a kernel size.</summary>
    public int Output(int input, int kernel) => (input + 2 * Padding - kernel) / Stride + 1;
}
