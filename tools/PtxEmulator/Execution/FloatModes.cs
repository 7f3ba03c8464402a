namespace Flixstock.PtxEmulator;

/// <summary>
/// .ftz: subnormal operands and results become zeros of their sign. .sat: results are held between 0 and 1.
/// </summary>
internal static class Subnormal
{
    public static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    public static float Saturate(float value) => value > 0 ? MathF.Min(value, 1) : 0;
}

internal readonly struct FlushedUnary<TOp> : IUnary<float> where TOp : IUnary<float>
{
    public static float Of(float a) => Subnormal.Flush(TOp.Of(Subnormal.Flush(a)));
}

internal readonly struct FlushedBinary<TOp> : IBinary<float> where TOp : IBinary<float>
{
    public static float Of(float a, float b) => Subnormal.Flush(TOp.Of(Subnormal.Flush(a), Subnormal.Flush(b)));
}

internal readonly struct FlushedTernary<TOp> : ITernary<float> where TOp : ITernary<float>
{
    public static float Of(float a, float b, float c) =>
        Subnormal.Flush(TOp.Of(Subnormal.Flush(a), Subnormal.Flush(b), Subnormal.Flush(c)));
}

internal readonly struct SaturatedBinary<TOp> : IBinary<float> where TOp : IBinary<float>
{
    public static float Of(float a, float b) => Subnormal.Saturate(TOp.Of(a, b));
}

internal readonly struct SaturatedTernary<TOp> : ITernary<float> where TOp : ITernary<float>
{
    public static float Of(float a, float b, float c) => Subnormal.Saturate(TOp.Of(a, b, c));
}

internal interface IDirection
{
    static abstract Rounding Rounding { get; }
}

internal readonly struct TowardsZero : IDirection
{
    public static Rounding Rounding => Rounding.Zero;
}

internal readonly struct Downwards : IDirection
{
    public static Rounding Rounding => Rounding.Down;
}

internal readonly struct Upwards : IDirection
{
    public static Rounding Rounding => Rounding.Up;
}

/// <summary>
/// a * b + c rounded in one direction: the double sum and its exact error tell on which side of a single the true value
/// lies.
/// </summary>
internal readonly struct DirectedFma<TDirection> : ITernary<float>, IBinary<float> where TDirection : IDirection
{
    public static float Of(float a, float b, float c)
    {
        double product = (double)a * b, sum = product + c;
        double part = sum - product;
        double error = (product - (sum - part)) + (c - part);
        return Directed.Round(sum, error, TDirection.Rounding);
    }

    /// <summary>a + b.</summary>
    public static float Of(float a, float b) => Of(a, 1, b);
}

internal readonly struct DirectedMultiply<TDirection> : IBinary<float> where TDirection : IDirection
{
    public static float Of(float a, float b) => Directed.Round((double)a * b, 0, TDirection.Rounding);
}

internal static class Directed
{
    /// <summary>The single next to value + error, in a direction.</summary>
    public static float Round(double value, double error, Rounding rounding)
    {
        float nearest = (float)value;
        if (rounding == Rounding.Nearest || !double.IsFinite(value))
            return nearest;
        double above = nearest - value - (double.IsFinite(error) ? error : 0);
        if (rounding == Rounding.Zero)
            rounding = value < 0 ? Rounding.Up : Rounding.Down;
        if (rounding == Rounding.Down && above > 0)
            return MathF.BitDecrement(nearest);
        return rounding == Rounding.Up && above < 0 ? MathF.BitIncrement(nearest) : nearest;
    }
}
