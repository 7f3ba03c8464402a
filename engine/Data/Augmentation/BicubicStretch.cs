using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flixstock.Engine;

/// <summary>
/// Stretches a window of a picture over all of it by a cubic of four pixels each way (a = -1): what an affine map
/// without shear does, with the very bits of <see cref="PixelCanvas.AffineBicubicByPixel"/>. There every pixel
/// interpolates four source rows; here a source row is interpolated once for all the rows that need it. The numbers and
/// the order of operations are the same, in double precision and without fused multiply-adds, so the results are too.
/// </summary>
internal static class BicubicStretch
{
    private const int Lanes = 4; // a pixel with one number to spare, so that it fills a register
    private const int Border = 2; // copies of the edge pixel on both sides: no tap lies further out
    private const int KeptRows = 4;

    /// <summary>Stretches a picture.</summary>
    /// <param name="source">[height, width, 3]</param>
    /// <param name="destination">[height, width, 3], overwritten.</param>
    /// <param name="x">Where the columns come from.</param>
    /// <param name="y">Where the rows come from.</param>
    /// <param name="outside">What pixels from beyond the picture are.</param>
    public static void Apply(
        ReadOnlySpan<byte> source, Span<byte> destination, in StretchedAxis x, in StretchedAxis y, byte outside)
    {
        var stride = x.Length * 3;
        var padded = (x.Length + (2 * Border)) * Lanes;
        var kept = stride + 1; // the last pixel's number to spare
        var numbers = ArrayPool<double>.Shared.Rent(padded + (KeptRows * kept));
        var row = numbers.AsSpan(0, padded);
        var rows = numbers.AsSpan(padded, KeptRows * kept);
        Span<int> holds = [-1, -1, -1, -1]; // which source row is kept in each place
        Span<int> from = stackalloc int[KeptRows];
        destination[..(y.First * stride)].Fill(outside);
        for (var at = y.First; at < y.End; at++)
        {
            for (var tap = 0; tap < KeptRows; tap++)
                from[tap] = Math.Clamp(y.Places[at] - 1 + tap, 0, y.Length - 1);
            Interpolate(source, from, x, row, rows, holds);
            var output = destination.Slice(at * stride, stride);
            AlongY(
                Kept(rows, from[0]), Kept(rows, from[1]), Kept(rows, from[2]), Kept(rows, from[3]), y.Shares[at],
                output);
            output[..(x.First * 3)].Fill(outside);
            output[(x.End * 3)..].Fill(outside);
        }
        destination[(y.End * stride)..].Fill(outside);
        ArrayPool<double>.Shared.Return(numbers);
    }

    /// <summary>The cubic through four values, between the second and the third.</summary>
    public static double Cubic(double v1, double v2, double v3, double v4, double share) =>
        v2 + (share * (v3 - v1 + (share * ((2 * (v1 - v2)) + v3 - v4 + (share * (v2 - v1 - v3 + v4))))));

    // Those of four source rows that are not kept yet.
    private static void Interpolate(
        ReadOnlySpan<byte> source, ReadOnlySpan<int> from, in StretchedAxis x, Span<double> row, Span<double> rows,
        Span<int> holds)
    {
        foreach (var y in from)
        {
            if (holds[y % KeptRows] == y)
                continue;
            holds[y % KeptRows] = y;
            Unpack(source.Slice(y * x.Length * 3, x.Length * 3), row);
            AlongX(row, x, Kept(rows, y));
        }
    }

    private static Span<double> Kept(Span<double> rows, int y) =>
        rows.Slice(y % KeptRows * (rows.Length / KeptRows), rows.Length / KeptRows);

    // [width, 3] bytes to [2 + width + 2, 4] numbers.
    private static void Unpack(ReadOnlySpan<byte> pixels, Span<double> row)
    {
        ref var from = ref MemoryMarshal.GetReference(pixels);
        ref var to = ref MemoryMarshal.GetReference(row);
        var last = (pixels.Length / 3) - 1;
        for (var x = 0; x < last; x++) // four bytes at once: the last pixel has no fourth
        {
            var bytes = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, x * 3)));
            Store(Vector128.WidenLower(Vector128.WidenLower(bytes.AsByte())).AsInt32(), ref to, x);
        }
        var edge = pixels[^3..];
        Store(Vector128.Create(edge[0], edge[1], edge[2], 0), ref to, last);
        var first = row.Slice(Border * Lanes, Lanes);
        var end = row.Slice((last + Border) * Lanes, Lanes);
        for (var i = 1; i <= Border; i++)
        {
            first.CopyTo(row[((Border - i) * Lanes)..]);
            end.CopyTo(row[((last + Border + i) * Lanes)..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> pixel, ref double row, int x) =>
        (Avx.IsSupported
            ? Avx.ConvertToVector256Double(pixel)
            : Vector256.Create((double)pixel[0], pixel[1], pixel[2], pixel[3]))
            .StoreUnsafe(ref row, (nuint)((x + Border) * Lanes));

    // A pixel's four numbers are written, the fourth of which the next pixel overwrites.
    private static void AlongX(ReadOnlySpan<double> row, in StretchedAxis x, Span<double> output)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(output);
        var (places, shares) = (x.Places, x.Shares);
        for (var at = x.First; at < x.End; at++)
        {
            var tap = (nuint)((places[at] - 1 + Border) * Lanes);
            CubicOfLevels(
                Vector256.LoadUnsafe(ref from, tap), Vector256.LoadUnsafe(ref from, tap + Lanes),
                Vector256.LoadUnsafe(ref from, tap + (2 * Lanes)), Vector256.LoadUnsafe(ref from, tap + (3 * Lanes)),
                Vector256.Create(shares[at])).StoreUnsafe(ref to, (nuint)(at * 3));
        }
    }

    // The cubic of whole numbers: their sums have no rounding, in whatever order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> CubicOfLevels(
        Vector256<double> v1, Vector256<double> v2, Vector256<double> v3, Vector256<double> v4,
        Vector256<double> share)
    {
        var fall = v1 - v2;
        var both = fall + v3 - v4;
        return v2 + (share * (v3 - v1 + (share * (fall + both - (share * both)))));
    }

    private static void AlongY(
        ReadOnlySpan<double> v1, ReadOnlySpan<double> v2, ReadOnlySpan<double> v3, ReadOnlySpan<double> v4,
        double share, Span<byte> output)
    {
        var at = 0;
        for (; at + Vector<byte>.Count <= output.Length; at += Vector<byte>.Count)
        {
            var low = Levels(v1, v2, v3, v4, at, share);
            Vector.Narrow(low, Levels(v1, v2, v3, v4, at + Vector<short>.Count, share)).CopyTo(output[at..]);
        }
        for (; at < output.Length; at++)
            output[at] = (byte)Math.Clamp(Cubic(v1[at], v2[at], v3[at], v4[at], share), 0, 255);
    }

    // From 0 to 255.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<ushort> Levels(
        ReadOnlySpan<double> v1, ReadOnlySpan<double> v2, ReadOnlySpan<double> v3, ReadOnlySpan<double> v4, int at,
        double share)
    {
        var integers = Vector.NarrowWithSaturation(
            Integers(v1, v2, v3, v4, at, share), Integers(v1, v2, v3, v4, at + Vector<int>.Count, share));
        return Vector.Min(Vector.Max(integers, Vector<short>.Zero), new Vector<short>(255)).As<short, ushort>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> Integers(
        ReadOnlySpan<double> v1, ReadOnlySpan<double> v2, ReadOnlySpan<double> v3, ReadOnlySpan<double> v4, int at,
        double share)
    {
        var next = at + Vector<double>.Count;
        return CutOff(
            Cubic(Load(v1, at), Load(v2, at), Load(v3, at), Load(v4, at), share),
            Cubic(Load(v1, next), Load(v2, next), Load(v3, next), Load(v4, next), share));
    }

    // To whole numbers towards zero; not by way of singles, which would round up what is next to a whole number.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<int> CutOff(Vector<double> low, Vector<double> high) =>
        Vector<double>.Count == Vector256<double>.Count && Avx.IsSupported
            ? Vector256.Create(
                Avx.ConvertToVector128Int32WithTruncation(low.AsVector256()),
                Avx.ConvertToVector128Int32WithTruncation(high.AsVector256())).AsVector()
            : Vector.ConvertToInt32Native(Vector.Narrow(Vector.Truncate(low), Vector.Truncate(high)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Load(ReadOnlySpan<double> values, int at) =>
        Vector.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);

    // The sums of the other cubic, each with the same rounding: v2 - v1 - v3 + v4 is the opposite number of the last.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<double> Cubic(
        Vector<double> v1, Vector<double> v2, Vector<double> v3, Vector<double> v4, double share)
    {
        var (shares, fall) = (new Vector<double>(share), v1 - v2);
        return v2 + (shares * (v3 - v1 + (shares * (fall + fall + v3 - v4 - (shares * (fall + v3 - v4))))));
    }
}
