namespace Flixstock.Engine;

/// <summary>
/// Scores that a picture and its mirror image share: the mean of both pictures' logits (Krizhevsky et al., "ImageNet
/// Classification with Deep Convolutional Neural Networks", 2012, average over reflections too).
/// </summary>
internal static class MirroredRun
{
    private const int BytesOfPixel = 3;

    /// <summary>Scores a batch of pictures and their mirror images.</summary>
    /// <param name="network">The network.</param>
    /// <param name="pixels">[batch, height, width, 3], RGB bytes.</param>
    /// <param name="batch">Number of pictures.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="logits">[batch, classes]</param>
    /// <param name="cancellation">Stops between layers.</param>
    public static void Run(
        FoldedNetwork network, ReadOnlySpan<byte> pixels, int batch, int height, int width, Span<float> logits,
        CancellationToken cancellation)
    {
        network.Run(pixels, batch, height, width, logits, cancellation);
        var mirrored = new byte[pixels.Length];
        var row = BytesOfPixel * width;
        for (var at = 0; at < pixels.Length; at += row)
            PixelArithmetic.Mirror(pixels.Slice(at, row), mirrored.AsSpan(at, row));
        var others = new float[logits.Length];
        network.Run(mirrored, batch, height, width, others, cancellation);
        for (var i = 0; i < others.Length; i++)
            logits[i] = (logits[i] + others[i]) / 2;
    }
}
