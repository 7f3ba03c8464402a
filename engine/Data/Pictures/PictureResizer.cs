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
    public static void Resize(RgbPicture picture, int width, int height, ResizeFilter filter, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (destination.Length != width * height * 3)
        {
            throw new ArgumentException(
                $"{width} x {height} pixels need {width * height * 3} bytes, not {destination.Length}",
                nameof(destination));
        }
        if (width == picture.Width && height == picture.Height)
        {
            picture.Pixels.CopyTo(destination);
            return;
        }
        if (width == picture.Width)
        {
            AlongY(picture.Pixels, width, ResizeWeights.For(picture.Height, height, filter), destination);
            return;
        }
        if (height == picture.Height)
        {
            AlongX(picture.Pixels, picture.Width, height, ResizeWeights.For(picture.Width, width, filter), destination);
            return;
        }
        // Thin pictures: what lies between the two passes may be larger than both.
        if ((long)width * picture.Height * 3 > Array.MaxLength)
        {
            throw new InputException($"a picture of {picture.Width} x {picture.Height} pixels cannot be resized to "
                + $"{width} x {height}: it is too thin; cut it");
        }
        var middle = ArrayPool<byte>.Shared.Rent(width * picture.Height * 3);
        var narrowed = middle.AsSpan(0, width * picture.Height * 3);
        AlongX(
            picture.Pixels, picture.Width, picture.Height, ResizeWeights.For(picture.Width, width, filter), narrowed);
        AlongY(narrowed, width, ResizeWeights.For(picture.Height, height, filter), destination);
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
