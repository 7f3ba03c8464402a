using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    internal const int Half = 1 << (ResizeWeights.FractionBits - 1);

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

    internal static void AlongX(
        ReadOnlySpan<byte> source, int sourceWidth, int height, ResizeWeights weights, Span<byte> destination)
    {
        var width = weights.Starts.Length;
        for (var y = 0; y < height; y++)
        {
            // A pixel is read as four bytes, the fourth belonging to the next; only the very last one of the picture
            // has no next.
            var row = source[(y * sourceWidth * 3)..];
            var output = destination.Slice(y * width * 3, width * 3);
            for (var x = 0; x < width; x++)
            {
                var sum = Vector128.Create(Half);
                var taps = weights.Of(x);
                var at = weights.Starts[x] * 3;
                foreach (var weight in taps)
                {
                    sum += Pixel(row, at) * weight;
                    at += 3;
                }
                output[x * 3] = Clamp(sum[0]);
                output[(x * 3) + 1] = Clamp(sum[1]);
                output[(x * 3) + 2] = Clamp(sum[2]);
            }
        }
    }

    private static Vector128<int> Pixel(ReadOnlySpan<byte> row, int at)
    {
        var bits = at + 4 <= row.Length
            ? MemoryMarshal.Read<uint>(row[at..])
            : row[at] | ((uint)row[at + 1] << 8) | ((uint)row[at + 2] << 16);
        return Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(bits).AsByte())).AsInt32();
    }

    private static void AlongY(ReadOnlySpan<byte> source, int width, ResizeWeights weights, Span<byte> destination)
    {
        var stride = width * 3;
        for (var y = 0; y < weights.Starts.Length; y++)
        {
            var taps = weights.Of(y);
            var first = weights.Starts[y] * stride;
            var output = destination.Slice(y * stride, stride);
            var x = 0;
            for (; x + 16 <= stride; x += 16)
                Sixteen(source[(first + x)..], stride, taps, output[x..]);
            for (; x < stride; x++)
            {
                var sum = Half;
                for (var tap = 0; tap < taps.Length; tap++)
                    sum += source[first + (tap * stride) + x] * taps[tap];
                output[x] = Clamp(sum);
            }
        }
    }

    private static void Sixteen(ReadOnlySpan<byte> source, int stride, ReadOnlySpan<int> taps, Span<byte> output)
    {
        var a = Vector128.Create(Half);
        var (b, c, d) = (a, a, a);
        for (var tap = 0; tap < taps.Length; tap++)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(source.Slice(tap * stride, 16)));
            var (first, second) = Vector128.Widen(low);
            var (third, fourth) = Vector128.Widen(high);
            var weight = Vector128.Create(taps[tap]);
            a += first.AsInt32() * weight;
            b += second.AsInt32() * weight;
            c += third.AsInt32() * weight;
            d += fourth.AsInt32() * weight;
        }
        Vector128.Narrow(Vector128.Narrow(ToBytes(a), ToBytes(b)), Vector128.Narrow(ToBytes(c), ToBytes(d)))
            .CopyTo(output);
    }

    private static Vector128<uint> ToBytes(Vector128<int> sum) =>
        Vector128.Min(Vector128.Max(sum >> ResizeWeights.FractionBits, Vector128<int>.Zero), Vector128.Create(255))
            .AsUInt32();

    internal static byte Clamp(int sum) => (byte)Math.Clamp(sum >> ResizeWeights.FractionBits, 0, 255);
}
