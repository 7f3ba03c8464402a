using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Flixstock.Engine;

/// <summary>A register of integers, for sums of bytes: what resizing is written over, once for every width.</summary>
/// <typeparam name="T">The register.</typeparam>
internal interface IResizeLanes<T> where T : struct, IResizeLanes<T>
{
    /// <summary>Integers in a register.</summary>
    static abstract int Count { get; }

    static abstract T Splat(int value);

    /// <summary><see cref="Count"/> bytes as integers.</summary>
    static abstract T Load(ref byte bytes);

    /// <summary>sum + value * weight.</summary>
    static abstract T Add(T sum, T value, T weight);

    /// <summary>Writes the sums of four registers, fixed-point numbers, as 4 * <see cref="Count"/> bytes.</summary>
    static abstract void Store(T a, T b, T c, T d, ref byte bytes);
}

/// <summary>Four integers.</summary>
internal readonly struct ResizeLanes128(Vector128<int> value) : IResizeLanes<ResizeLanes128>
{
    private readonly Vector128<int> _value = value;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes128 Splat(int value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes128 Load(ref byte bytes)
    {
        var four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref bytes)).AsByte();
        return new(Sse41.IsSupported
            ? Sse41.ConvertToVector128Int32(four)
            : Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes128 Add(ResizeLanes128 sum, ResizeLanes128 value, ResizeLanes128 weight) =>
        new(sum._value + (value._value * weight._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ResizeLanes128 a, ResizeLanes128 b, ResizeLanes128 c, ResizeLanes128 d, ref byte bytes) =>
        Vector128.Narrow(Levels(a, b), Levels(c, d)).StoreUnsafe(ref bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Levels(ResizeLanes128 a, ResizeLanes128 b) =>
        Vector128.Min(
            Vector128.Max(
                Vector128.NarrowWithSaturation(
                    a._value >> ResizeWeights.FractionBits, b._value >> ResizeWeights.FractionBits),
                Vector128<short>.Zero),
            Vector128.Create((short)255)).AsUInt16();
}

/// <summary>Eight integers: AVX2.</summary>
internal readonly struct ResizeLanes256(Vector256<int> value) : IResizeLanes<ResizeLanes256>
{
    private readonly Vector256<int> _value = value;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes256 Splat(int value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes256 Load(ref byte bytes)
    {
        var eight = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref bytes)).AsByte();
        return new(Avx2.IsSupported
            ? Avx2.ConvertToVector256Int32(eight)
            : Vector256.WidenLower(Vector256.WidenLower(eight.ToVector256Unsafe())).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes256 Add(ResizeLanes256 sum, ResizeLanes256 value, ResizeLanes256 weight) =>
        new(sum._value + (value._value * weight._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ResizeLanes256 a, ResizeLanes256 b, ResizeLanes256 c, ResizeLanes256 d, ref byte bytes) =>
        Vector256.Narrow(Levels(a, b), Levels(c, d)).StoreUnsafe(ref bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> Levels(ResizeLanes256 a, ResizeLanes256 b) =>
        Vector256.Min(
            Vector256.Max(
                Vector256.NarrowWithSaturation(
                    a._value >> ResizeWeights.FractionBits, b._value >> ResizeWeights.FractionBits),
                Vector256<short>.Zero),
            Vector256.Create((short)255)).AsUInt16();
}

/// <summary>Sixteen integers: AVX-512.</summary>
internal readonly struct ResizeLanes512(Vector512<int> value) : IResizeLanes<ResizeLanes512>
{
    private readonly Vector512<int> _value = value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes512 Splat(int value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes512 Load(ref byte bytes)
    {
        var sixteen = Vector128.LoadUnsafe(ref bytes);
        return new(Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(sixteen)
            : Vector512.WidenLower(
                Vector512.WidenLower(sixteen.ToVector256Unsafe().ToVector512Unsafe())).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ResizeLanes512 Add(ResizeLanes512 sum, ResizeLanes512 value, ResizeLanes512 weight) =>
        new(sum._value + (value._value * weight._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ResizeLanes512 a, ResizeLanes512 b, ResizeLanes512 c, ResizeLanes512 d, ref byte bytes) =>
        Vector512.Narrow(Levels(a, b), Levels(c, d)).StoreUnsafe(ref bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Levels(ResizeLanes512 a, ResizeLanes512 b) =>
        Vector512.Min(
            Vector512.Max(
                Vector512.NarrowWithSaturation(
                    a._value >> ResizeWeights.FractionBits, b._value >> ResizeWeights.FractionBits),
                Vector512<short>.Zero),
            Vector512.Create((short)255)).AsUInt16();
}
