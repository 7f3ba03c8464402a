using System.Numerics;
using System.Runtime.Intrinsics;

namespace Flixstock.PtxEmulator;

internal readonly struct Add<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => unchecked(a + b);
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a + b;
}

internal readonly struct Subtract<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => unchecked(a - b);
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a - b;
}

internal readonly struct Multiply<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => unchecked(a * b);
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a * b;
}

internal readonly struct MultiplyAdd<T> : ITernary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b, T c) => unchecked(a * b + c);
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b, Vector512<T> c) => a * b + c;
}

internal readonly struct MultiplyHigh<T> : IBinary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b) => T.CreateTruncating(
        Int128.CreateTruncating(a) * Int128.CreateTruncating(b) >> T.Zero.GetByteCount() * 8);
}

internal readonly struct MultiplyHighAdd<T> : ITernary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b, T c) => MultiplyHigh<T>.Of(a, b) + c;
}

/// <summary>
/// Division by zero gives all ones, as GPUs do; the quotient of the most negative number and -1 wraps.
/// </summary>
internal readonly struct DivideInteger<T> : IBinary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b) => T.IsZero(b) ? ~T.Zero : T.IsNegative(b) && b == ~T.Zero ? T.Zero - a : a / b;
}

internal readonly struct Remainder<T> : IBinary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b) => T.IsZero(b) ? a : T.IsNegative(b) && b == ~T.Zero ? T.Zero : a % b;
}

internal readonly struct DivideFloat<T> : IBinary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static T Of(T a, T b) => a / b;
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a / b;
}

internal readonly struct FusedMultiplyAdd<T> : ITernary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static T Of(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);
    public static bool HasVector => typeof(T) == typeof(float);
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b, Vector512<T> c) =>
        Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>();
}

internal readonly struct Smaller<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => T.MinNumber(a, b);
}

internal readonly struct Larger<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => T.MaxNumber(a, b);
}

internal readonly struct SmallerOrNan<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => T.Min(a, b);
}

internal readonly struct LargerOrNan<T> : IBinary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a, T b) => T.Max(a, b);
}

internal readonly struct Negate<T> : IUnary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a) => unchecked(-a);
}

internal readonly struct AbsoluteFloat<T> : IUnary<T> where T : unmanaged, INumber<T>
{
    public static T Of(T a) => T.Abs(a);
}

internal readonly struct AbsoluteInteger<T> : IUnary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a) => T.IsNegative(a) ? T.Zero - a : a;
}

internal readonly struct And<T> : IBinary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b) => a & b;
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a & b;
}

internal readonly struct Or<T> : IBinary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b) => a | b;
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a | b;
}

internal readonly struct Xor<T> : IBinary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a, T b) => a ^ b;
    public static bool HasVector => true;
    public static Vector512<T> Of(Vector512<T> a, Vector512<T> b) => a ^ b;
}

internal readonly struct Not<T> : IUnary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a) => ~a;
}

/// <summary>Counts: the leading zeros, the set bits, the bits mirrored.</summary>
internal readonly struct CountBits<T> : IUnary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a) => T.PopCount(a);
}

internal readonly struct LeadingZeros<T> : IUnary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a) => T.LeadingZeroCount(a);
}

internal readonly struct Mirror<T> : IUnary<T> where T : unmanaged, IBinaryInteger<T>
{
    public static T Of(T a)
    {
        var result = T.Zero;
        for (int bit = 0; bit < a.GetByteCount() * 8; bit++)
            result |= (a >> bit & T.One) << a.GetByteCount() * 8 - 1 - bit;
        return result;
    }
}

internal readonly struct Reciprocal<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static T Of(T a) => T.One / a;
}

internal readonly struct SquareRoot<T> : IUnary<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public static T Of(T a) => T.Sqrt(a);
}

internal readonly struct ReciprocalRoot : IUnary<float>, IUnary<double>
{
    public static float Of(float a) => (float)(1 / Math.Sqrt(a));
    public static double Of(double a) => 1 / Math.Sqrt(a);
}

internal readonly struct PowerOfTwo : IUnary<float>
{
    public static float Of(float a) => (float)Math.Pow(2, a);
}

internal readonly struct LogarithmOfTwo : IUnary<float>
{
    public static float Of(float a) => (float)Math.Log2(a);
}

internal readonly struct Sine : IUnary<float>
{
    public static float Of(float a) => (float)Math.Sin(a);
}

internal readonly struct Cosine : IUnary<float>
{
    public static float Of(float a) => (float)Math.Cos(a);
}

internal readonly struct HyperbolicTangent : IUnary<float>
{
    public static float Of(float a) => (float)Math.Tanh(a);
}
