using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flixstock.Engine;

/// <summary>
/// The two passes of resizing, a row at a time. What is summed are whole numbers, so the order of additions and the
/// width of the registers do not matter: the methods that go on to the end of a row by single pixels or bytes give what
/// the vectors give, and say what that is.
/// </summary>
internal static class ResizeKernels
{
    private const int Half = 1 << (ResizeWeights.FractionBits - 1);
    private const int TapsOfRead = 4; // of the five whole pixels in sixteen bytes

    /// <summary>Narrows or widens a row.</summary>
    /// <param name="row">[source width, 3]</param>
    /// <param name="weights">Weights from the source's width to the new one.</param>
    /// <param name="output">[new width, 3], overwritten.</param>
    public static void AlongX(ReadOnlySpan<byte> row, ResizeWeights weights, Span<byte> output)
    {
        var done = Avx2.IsSupported ? AlongXByPairs(row, weights, output) : 0;
        done = AlongXByRegisters(row, weights, done, output);
        AlongXByPixels(row, weights, done, output);
    }

    /// <summary>Makes pixels of a row two at a time, as far as whole registers can be read: with AVX2.</summary>
    /// <param name="row">[source width, 3]</param>
    /// <param name="weights">Weights from the source's width to the new one.</param>
    /// <param name="output">[new width, 3], overwritten in part.</param>
    /// <returns>Number of pixels made.</returns>
    public static int AlongXByPairs(ReadOnlySpan<byte> row, ResizeWeights weights, Span<byte> output)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(output);
        ref var weight = ref MemoryMarshal.GetArrayDataReference(weights.Pairs);
        var (starts, taps) = (weights.Starts, weights.Taps);
        var lastRead = ((taps - 1) / TapsOfRead * TapsOfRead * 3) + Vector128<byte>.Count;
        var (x, end) = (0, weights.Pairs.Length > 0 ? starts.Length - 2 : 0);
        for (; x < end && (starts[x + 1] * 3) + lastRead <= row.Length; x += 2)
        {
            ref var first = ref Unsafe.Add(ref from, starts[x] * 3);
            ref var second = ref Unsafe.Add(ref from, starts[x + 1] * 3);
            var sum = Vector256.Create(Half);
            for (var left = taps; left > 0; left -= TapsOfRead)
            {
                var bytes = Vector256.Create(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref second));
                sum += Avx2.Shuffle(bytes, PixelOfBoth(0)).AsInt32() * Vector256.LoadUnsafe(ref weight);
                if (left > 1)
                    sum += Avx2.Shuffle(bytes, PixelOfBoth(1)).AsInt32() * Vector256.LoadUnsafe(ref weight, 8);
                if (left > 2)
                    sum += Avx2.Shuffle(bytes, PixelOfBoth(2)).AsInt32() * Vector256.LoadUnsafe(ref weight, 16);
                if (left > 3)
                    sum += Avx2.Shuffle(bytes, PixelOfBoth(3)).AsInt32() * Vector256.LoadUnsafe(ref weight, 24);
                first = ref Unsafe.Add(ref first, TapsOfRead * 3);
                second = ref Unsafe.Add(ref second, TapsOfRead * 3);
                weight = ref Unsafe.Add(ref weight, Math.Min(left, TapsOfRead) * Vector256<int>.Count);
            }
            var levels = Vector256.Min(
                Vector256.Max(sum >> ResizeWeights.FractionBits, Vector256<int>.Zero), Vector256.Create(255));
            var both = Avx2.Shuffle(levels.AsByte(), Vector256.Create(FirstBytes)).AsUInt32();
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, x * 3), both[0]);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, (x + 1) * 3), both[4]);
        }
        return x;
    }

    /// <summary>Makes pixels of a row one by one, as far as a pixel can be read as four bytes.</summary>
    /// <param name="row">[source width, 3]</param>
    /// <param name="weights">Weights from the source's width to the new one.</param>
    /// <param name="first">The first pixel to make.</param>
    /// <param name="output">[new width, 3], overwritten in part.</param>
    /// <returns>The first pixel that is not made.</returns>
    public static int AlongXByRegisters(ReadOnlySpan<byte> row, ResizeWeights weights, int first, Span<byte> output)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(output);
        ref var weight = ref Unsafe.Add(ref MemoryMarshal.GetReference(weights.All), first * weights.Taps);
        var (starts, taps) = (weights.Starts, weights.Taps);
        // The fourth byte belongs to the next pixel; the last pixel has no next one, neither to read nor to write.
        var end = Math.Min(weights.FirstAtEnd, starts.Length - 1);
        var x = first;
        for (; x < end; x++)
        {
            var sum = Vector128.Create(Half);
            ref var pixel = ref Unsafe.Add(ref from, starts[x] * 3);
            for (var tap = 0; tap < taps; tap++)
            {
                sum += Pixel(ref pixel) * weight;
                pixel = ref Unsafe.Add(ref pixel, 3);
                weight = ref Unsafe.Add(ref weight, 1);
            }
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, x * 3), ToBytes(sum));
        }
        return x;
    }

    /// <summary>Makes the pixels of a row from one on.</summary>
    /// <param name="row">[source width, 3]</param>
    /// <param name="weights">Weights from the source's width to the new one.</param>
    /// <param name="first">The first pixel to make.</param>
    /// <param name="output">[new width, 3], overwritten from that pixel on.</param>
    public static void AlongXByPixels(ReadOnlySpan<byte> row, ResizeWeights weights, int first, Span<byte> output)
    {
        for (var x = first; x < weights.Starts.Length; x++)
        {
            var taps = weights.Of(x);
            for (var channel = 0; channel < 3; channel++)
            {
                var sum = Half;
                for (var tap = 0; tap < taps.Length; tap++)
                    sum += row[((weights.Starts[x] + tap) * 3) + channel] * taps[tap];
                output[(x * 3) + channel] = Clamp(sum);
            }
        }
    }

    /// <summary>Makes one row of several.</summary>
    /// <param name="rows">[taps, width, 3]</param>
    /// <param name="taps">[taps] weights of the rows.</param>
    /// <param name="output">[width, 3], overwritten.</param>
    public static void AlongY(ReadOnlySpan<byte> rows, ReadOnlySpan<int> taps, Span<byte> output)
    {
        var done = Vector512.IsHardwareAccelerated ? AlongY<ResizeLanes512>(rows, taps, 0, output) : 0;
        done = Vector256.IsHardwareAccelerated ? AlongY<ResizeLanes256>(rows, taps, done, output) : done;
        done = AlongY<ResizeLanes128>(rows, taps, done, output);
        AlongYByBytes(rows, taps, done, output);
    }

    /// <summary>Makes the bytes of a row from one on, as far as four whole registers can be read.</summary>
    /// <typeparam name="T">The register.</typeparam>
    /// <param name="rows">[taps, width, 3]</param>
    /// <param name="taps">[taps] weights of the rows.</param>
    /// <param name="first">The first byte to make.</param>
    /// <param name="output">[width, 3], overwritten in part.</param>
    /// <returns>The first byte that is not made.</returns>
    public static int AlongY<T>(ReadOnlySpan<byte> rows, ReadOnlySpan<int> taps, int first, Span<byte> output)
        where T : struct, IResizeLanes<T>
    {
        ref var from = ref MemoryMarshal.GetReference(rows);
        ref var to = ref MemoryMarshal.GetReference(output);
        var at = first;
        for (; at + (4 * T.Count) <= output.Length; at += 4 * T.Count)
        {
            ref var place = ref Unsafe.Add(ref from, at);
            var a = T.Splat(Half);
            var (b, c, d) = (a, a, a);
            foreach (var tap in taps)
            {
                var weight = T.Splat(tap);
                a = T.Add(a, T.Load(ref place), weight);
                b = T.Add(b, T.Load(ref Unsafe.Add(ref place, T.Count)), weight);
                c = T.Add(c, T.Load(ref Unsafe.Add(ref place, 2 * T.Count)), weight);
                d = T.Add(d, T.Load(ref Unsafe.Add(ref place, 3 * T.Count)), weight);
                place = ref Unsafe.Add(ref place, output.Length);
            }
            T.Store(a, b, c, d, ref Unsafe.Add(ref to, at));
        }
        return at;
    }

    /// <summary>Makes the bytes of a row from one on.</summary>
    /// <param name="rows">[taps, width, 3]</param>
    /// <param name="taps">[taps] weights of the rows.</param>
    /// <param name="first">The first byte to make.</param>
    /// <param name="output">[width, 3], overwritten from that byte on.</param>
    public static void AlongYByBytes(ReadOnlySpan<byte> rows, ReadOnlySpan<int> taps, int first, Span<byte> output)
    {
        for (var at = first; at < output.Length; at++)
        {
            var sum = Half;
            for (var tap = 0; tap < taps.Length; tap++)
                sum += rows[(tap * output.Length) + at] * taps[tap];
            output[at] = Clamp(sum);
        }
    }

    // Of four integers.
    private static Vector128<byte> FirstBytes =>
        Vector128.Create((byte)0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    // In both halves of a register, one of the first pixels of three bytes as integers, and a zero.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> PixelOfBoth(byte pixel) => Vector256.Create(Vector128.Create(
        (byte)(3 * pixel), 255, 255, 255, (byte)((3 * pixel) + 1), 255, 255, 255, (byte)((3 * pixel) + 2), 255, 255,
        255, 255, 255, 255, 255));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Pixel(ref byte first)
    {
        var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref first)).AsByte();
        return Sse41.IsSupported
            ? Sse41.ConvertToVector128Int32(bytes)
            : Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ToBytes(Vector128<int> sum)
    {
        var levels = Vector128.Min(
            Vector128.Max(sum >> ResizeWeights.FractionBits, Vector128<int>.Zero), Vector128.Create(255));
        return Vector128.Shuffle(levels.AsByte(), FirstBytes).AsUInt32()[0];
    }

    private static byte Clamp(int sum) => (byte)Math.Clamp(sum >> ResizeWeights.FractionBits, 0, 255);
}
