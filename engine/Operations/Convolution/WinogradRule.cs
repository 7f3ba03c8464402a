namespace Flixstock.Engine;

/// <summary>
/// Which convolutions the processor computes by Winograd's filtering: decided by the shapes of one picture and its
/// filters alone, never by the batch, the threads or measured times, so that a picture's scores are the same bits in
/// any batch.
/// </summary>
internal static class WinogradRule
{
    // Measured on a processor with AVX2 (docs/performance.md). Below this size too much of the edge tiles is cut off;
    // larger filters take four times their memory and come from main memory then, at any size of picture.
    private const int LeastExtent = 12, LargestFilter = 512 * 512, LeastChannels = 32;

    /// <summary>True if it is faster.</summary>
    /// <param name="weight">[K, R, S, C]</param>
    /// <param name="geometry">Stride and padding.</param>
    /// <param name="input">[N, H, W, C]</param>
    public static bool Applies(Shape weight, ConvolutionGeometry geometry, Shape input) =>
        weight is { Height: 3, Width: 3 } && geometry is { Stride: 1, Padding: 1 }
        && Math.Min(input.Height, input.Width) >= LeastExtent
        && Math.Min(weight.Batch, weight.Channels) >= LeastChannels
        && (long)weight.Batch * weight.Channels <= LargestFilter;
}
