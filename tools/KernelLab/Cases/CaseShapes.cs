using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>Shapes that calls of several operations derive from an activation's.</summary>
internal static class CaseShapes
{
    /// <summary>[N, C]</summary>
    public static Shape PerPicture(this Shape shape) => new(shape.Batch, shape.Channels);

    /// <summary>[N, (H+1)/2, (W+1)/2, C]</summary>
    public static Shape Halved(this Shape shape) =>
        new(shape.Batch, (shape.Height + 1) / 2, (shape.Width + 1) / 2, shape.Channels);

    /// <summary>[N * H * W, C * classes]: each pixel's channels as the logits of a picture.</summary>
    public static Shape Logits(this Shape shape, int classes = 1) => new((int)shape.Pixels, shape.Channels * classes);
}
