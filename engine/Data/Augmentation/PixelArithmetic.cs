using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Flixstock.Engine;

/// <summary>
/// Pillow's arithmetic on RGB pixels, many at once. What is computed for one value is computed for every lane, in the
/// same order and precision, so the bytes do not depend on the width of the registers.
/// </summary>
internal static class PixelArithmetic
{
    private const int Red = 19595, Green = 38470, Blue = 7471, HalfLuma = 0x8000, LumaBits = 16;
    private const int Bytes = 16, Pixels = 4; // a register of bytes holds four whole pixels

    // Which byte of four pixels becomes which byte of four numbers; None: zero.
    private const byte None = 255;

    /// <summary>
    /// Blends a value (0) with another (1), and beyond: between the two the result is cut off to a whole number, beyond
    /// them it is clamped as well.
    /// </summary>
    public static byte Blend(byte from, byte to, float factor) =>
        (byte)Math.Clamp(from + (factor * (to - from)), 0f, 255f);

    /// <summary>Grey of a pixel's red, green and blue.</summary>
    public static byte Luma(ReadOnlySpan<byte> pixel) =>
        (byte)(((pixel[0] * Red) + (pixel[1] * Green) + (pixel[2] * Blue) + HalfLuma) >> LumaBits);

    /// <summary>Blends one value (0) with every value of a picture (1), and beyond.</summary>
    public static void Blend(byte from, Span<byte> values, float factor)
    {
        var (begin, factors, at) = (new Vector<float>(from), new Vector<float>(factor), 0);
        for (; at + Vector<byte>.Count <= values.Length; at += Vector<byte>.Count)
        {
            var place = values[at..];
            Vector.Widen(new Vector<byte>(place), out var low, out var high);
            Vector.Narrow(Blend(begin, low, factors), Blend(begin, high, factors)).CopyTo(place);
        }
        for (; at < values.Length; at++)
            values[at] = Blend(from, values[at], factor);
    }

    /// <summary>Sum of the grey of all pixels of a row.</summary>
    public static int SumOfLuma(ReadOnlySpan<byte> row)
    {
        var (sums, at) = (Vector128<int>.Zero, 0);
        for (; at + Bytes <= row.Length; at += Pixels * 3)
        {
            var (red, green, blue) = Channels(Vector128.Create(row.Slice(at, Bytes)));
            sums += Luma(red, green, blue);
        }
        var sum = Vector128.Sum(sums);
        for (; at < row.Length; at += 3)
            sum += Luma(row.Slice(at, 3));
        return sum;
    }

    /// <summary>Blends the grey of every pixel (0) with the pixel (1), and beyond.</summary>
    public static void BlendWithGrey(Span<byte> pixels, float factor)
    {
        var (factors, at) = (Vector256.Create(factor), 0);
        for (; at + (Pixels * 3) + Bytes <= pixels.Length; at += 2 * Pixels * 3)
        {
            var first = pixels[at..];
            var second = first[(Pixels * 3)..];
            var (red1, green1, blue1) = Channels(Vector128.Create((ReadOnlySpan<byte>)first[..Bytes]));
            var (red2, green2, blue2) = Channels(Vector128.Create((ReadOnlySpan<byte>)second[..Bytes]));
            var (red, green, blue) = (
                Vector256.Create(red1, red2), Vector256.Create(green1, green2), Vector256.Create(blue1, blue2));
            var grey = Vector256.ConvertToSingle(Luma(red, green, blue));
            var blended = Blend(grey, red, factors) | (Blend(grey, green, factors) << 8)
                | (Blend(grey, blue, factors) << 16);
            Store(blended.GetLower(), first);
            Store(blended.GetUpper(), second);
        }
        for (; at < pixels.Length; at += 3)
        {
            var pixel = pixels.Slice(at, 3);
            var grey = Luma(pixel);
            for (var channel = 0; channel < 3; channel++)
                pixel[channel] = Blend(grey, pixel[channel], factor);
        }
    }

    /// <summary>The pixels of a row in the opposite order.</summary>
    public static void Mirror(ReadOnlySpan<byte> row, Span<byte> mirrored)
    {
        // Four bytes at once: the fourth, of the pixel behind it, is overwritten by what comes next in this order.
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(mirrored);
        row[^3..].CopyTo(mirrored); // the last pixel has no fourth byte to read
        for (int at = 3, back = row.Length - 6; back > 0; at += 3, back -= 3)
        {
            var pixel = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, back));
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, at), pixel);
        }
        row[..3].CopyTo(mirrored[^3..]); // nor the last place one to write
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<ushort> Blend(Vector<float> from, Vector<ushort> to, Vector<float> factor)
    {
        Vector.Widen(to, out var low, out var high);
        return Vector.Narrow(Blend(from, low, factor), Blend(from, high, factor));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<uint> Blend(Vector<float> from, Vector<uint> to, Vector<float> factor)
    {
        var blended = from + (factor * (Vector.ConvertToSingle(to.As<uint, int>()) - from));
        return Vector.ConvertToInt32Native(
            Vector.MinNative(Vector.MaxNative(blended, Vector<float>.Zero), new Vector<float>(255))).As<int, uint>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Blend(Vector256<float> from, Vector256<int> to, Vector256<float> factor)
    {
        var blended = from + (factor * (Vector256.ConvertToSingle(to) - from));
        return Vector256.ConvertToInt32Native(
            Vector256.MinNative(Vector256.MaxNative(blended, Vector256<float>.Zero), Vector256.Create(255f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Luma(Vector128<int> red, Vector128<int> green, Vector128<int> blue) =>
        ((red * Red) + (green * Green) + (blue * Blue) + Vector128.Create(HalfLuma)) >> LumaBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Luma(Vector256<int> red, Vector256<int> green, Vector256<int> blue) =>
        ((red * Red) + (green * Green) + (blue * Blue) + Vector256.Create(HalfLuma)) >> LumaBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<int> Red, Vector128<int> Green, Vector128<int> Blue) Channels(Vector128<byte> pixels) => (
        Vector128.Shuffle(pixels, Vector128.Create(
            (byte)0, None, None, None, 3, None, None, None, 6, None, None, None, 9, None, None, None)).AsInt32(),
        Vector128.Shuffle(pixels, Vector128.Create(
            (byte)1, None, None, None, 4, None, None, None, 7, None, None, None, 10, None, None, None)).AsInt32(),
        Vector128.Shuffle(pixels, Vector128.Create(
            (byte)2, None, None, None, 5, None, None, None, 8, None, None, None, 11, None, None, None)).AsInt32());

    // Four pixels of three bytes, a pixel an integer: twelve bytes, and not one more.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> integers, Span<byte> pixels)
    {
        var together = Vector128.Shuffle(
            integers.AsByte(), Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, None, None, None, None));
        MemoryMarshal.Write(pixels, together.AsUInt64()[0]);
        MemoryMarshal.Write(pixels[8..], together.AsUInt32()[2]);
    }
}
