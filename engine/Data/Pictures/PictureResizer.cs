using System.Buffers;

namespace Flixstock.Engine;

/// <summary>Filters that resize pictures.</summary>
public enum ResizeFilter
{
    /// <summary>Triangle, widened when shrinking: what training and validation use.</summary>
    Bilinear,
    /// <summary>Cubic with a = -0.5, widened when shrinking: what the reference's infer uses.</summary>
    Bicubic,
}

/// <summary>
/// Resizes exactly as Pillow (8 bits per channel): first along x, then along y, each skipped when that size does not
/// change, rounded to bytes in between; fixed-point weights of 22 bits. Pretrained weights expect these very pixels.
/// </summary>
internal static class PictureResizer
{
    /// <summary>Stretches a picture to a size.</summary>
    /// <param name="picture">The source.</param>
    /// <param name="width">New width in pixels.</param>
    /// <param name="height">New height in pixels.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="destination">[height, width, 3], overwritten.</param>
    /// <exception cref="InputException">
    /// The picture is so thin that what lies between the two passes fits no memory.
    /// </exception>
    public static void Resize(
        RgbPicture picture, int width, int height, ResizeFilter filter, Span<byte> destination) =>
        Resize(picture.Pixels, picture.Width, picture.Height, width, height, filter, destination);

    /// <summary>Stretches a picture that lies in a larger piece of memory.</summary>
    /// <param name="source">[source height, source width, 3]</param>
    /// <param name="sourceWidth">Its width in pixels.</param>
    /// <param name="sourceHeight">Its height in pixels.</param>
    /// <param name="width">New width in pixels.</param>
    /// <param name="height">New height in pixels.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="destination">[height, width, 3], overwritten.</param>
    /// <exception cref="InputException">
    /// The picture is so thin that what lies between the two passes fits no memory.
    /// </exception>
    public static void Resize(
        ReadOnlySpan<byte> source, int sourceWidth, int sourceHeight, int width, int height, ResizeFilter filter,
        Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (destination.Length != width * height * 3)
        {
            throw new ArgumentException(
                $"{width} x {height} pixels need {width * height * 3} bytes, not {destination.Length}",
                nameof(destination));
        }
        if (width == sourceWidth && height == sourceHeight)
        {
            source.CopyTo(destination);
            return;
        }
        if (width == sourceWidth)
        {
            AlongY(source, width, ResizeWeights.For(sourceHeight, height, filter), destination);
            return;
        }
        if (height == sourceHeight)
        {
            AlongX(source, sourceWidth, height, ResizeWeights.For(sourceWidth, width, filter), destination);
            return;
        }
        // Thin pictures: what lies between the two passes may be larger than both.
        if ((long)width * sourceHeight * 3 > Array.MaxLength)
        {
            throw new InputException($"a picture of {sourceWidth} x {sourceHeight} pixels cannot be resized to "
                + $"{width} x {height}: it is too thin; cut it");
        }
        var middle = ArrayPool<byte>.Shared.Rent(width * sourceHeight * 3);
        var narrowed = middle.AsSpan(0, width * sourceHeight * 3);
        AlongX(source, sourceWidth, sourceHeight, ResizeWeights.For(sourceWidth, width, filter), narrowed);
        AlongY(narrowed, width, ResizeWeights.For(sourceHeight, height, filter), destination);
        ArrayPool<byte>.Shared.Return(middle);
    }

    /// <summary>Resizes into a new picture.</summary>
    public static RgbPicture Resize(
        RgbPicture picture, int width, int height, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        var result = new RgbPicture(width, height);
        Resize(picture, width, height, filter, result.Pixels);
        return result;
    }

    private static void AlongX(
        ReadOnlySpan<byte> source, int sourceWidth, int height, ResizeWeights weights, Span<byte> destination)
    {
        var (from, to) = (sourceWidth * 3, weights.Starts.Length * 3);
        for (var y = 0; y < height; y++)
            ResizeKernels.AlongX(source.Slice(y * from, from), weights, destination.Slice(y * to, to));
    }

    private static void AlongY(ReadOnlySpan<byte> source, int width, ResizeWeights weights, Span<byte> destination)
    {
        var stride = width * 3;
        for (var y = 0; y < weights.Starts.Length; y++)
        {
            var rows = source.Slice(weights.Starts[y] * stride, weights.Taps * stride);
            ResizeKernels.AlongY(rows, weights.Of(y), destination.Slice(y * stride, stride));
        }
    }
}
