using System.Numerics;

namespace Flixstock.PtxEmulator;

/// <summary>A format that conversions go through double from and to.</summary>
internal unsafe interface IFormat
{
    static abstract double Load(byte* lane);

    static abstract void Store(byte* lane, double value, Instruction i);
}

internal readonly unsafe struct SingleFormat : IFormat
{
    public static double Load(byte* lane) => *(float*)lane;

    public static void Store(byte* lane, double value, Instruction i) =>
        *(float*)lane = Directed.Round(value, 0, i.Rounding);
}

internal readonly unsafe struct DoubleFormat : IFormat
{
    public static double Load(byte* lane) => *(double*)lane;

    public static void Store(byte* lane, double value, Instruction i) => *(double*)lane = value;
}

internal readonly unsafe struct HalfFormat : IFormat
{
    public static double Load(byte* lane) => (double)*(Half*)lane;

    public static void Store(byte* lane, double value, Instruction i) =>
        *(uint*)lane = Sixteen.ToHalf(value, i.Rounding);
}

internal readonly unsafe struct BfloatFormat : IFormat
{
    public static double Load(byte* lane) => BitConverter.UInt32BitsToSingle((uint)*(ushort*)lane << 16);

    public static void Store(byte* lane, double value, Instruction i) =>
        *(uint*)lane = Sixteen.ToBfloat(value, i.Rounding);
}

internal readonly unsafe struct IntegerFormat<T> : IFormat where T : unmanaged, IBinaryInteger<T>
{
    public static double Load(byte* lane) => double.CreateTruncating(*(T*)lane);

    // Saturates, and what is not a number becomes 0, as PTX has it.
    public static void Store(byte* lane, double value, Instruction i)
    {
        var number = T.CreateSaturating(value);
        if (i.StrideD == 8)
            *(long*)lane = long.CreateTruncating(number);
        else
            *(int*)lane = int.CreateTruncating(number);
    }
}

/// <summary>Bits of the 16-bit formats.</summary>
internal static class Sixteen
{
    public static ushort ToHalf(double value, Rounding rounding)
    {
        var nearest = (Half)value;
        if (rounding == Rounding.Zero && Math.Abs((double)nearest) > Math.Abs(value))
            nearest = value < 0 ? Half.BitIncrement(nearest) : Half.BitDecrement(nearest);
        return double.IsNaN(value) ? (ushort)0x7FFF : BitConverter.HalfToUInt16Bits(nearest);
    }

    // Rounded once: a double holds a single's value and every product of two exactly.
    public static ushort ToBfloat(double value, Rounding rounding)
    {
        if (double.IsNaN(value))
            return 0x7FFF;
        // Towards zero keeps, beside the bits that count, whether anything was cut off.
        float cut = Directed.Round(value, 0, Rounding.Zero);
        uint bits = BitConverter.SingleToUInt32Bits(cut);
        bool sticky = cut != value;
        if (rounding == Rounding.Zero || float.IsInfinity(cut))
            return (ushort)(bits >> 16);
        uint tail = bits & 0xFFFF;
        bool up = tail > 0x8000 || tail == 0x8000 && (sticky || (bits >> 16 & 1) != 0);
        return (ushort)((bits >> 16) + (up ? 1u : 0));
    }

    public static float FromBfloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}

/// <summary>cvt.</summary>
internal static unsafe class Conversions
{
    public static void Float<TSource, TTarget>(Warp warp, Instruction i, uint mask) where TSource : IFormat
        where TTarget : IFormat
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            double value = TSource.Load(a + lane * i.StrideA);
            TTarget.Store(d + lane * i.StrideD, i.ToInteger || i.Saturate || i.Flush ? Adjust(value, i) : value, i);
        }
    }

    private static double Adjust(double value, Instruction i)
    {
        if (i.Flush && Math.Abs(value) < 1.17549435e-38)
            value = Math.CopySign(0, value);
        if (i.ToInteger)
        {
            value = i.Rounding switch
            {
                Rounding.Nearest => Math.Round(value, MidpointRounding.ToEven),
                Rounding.Zero => Math.Truncate(value),
                Rounding.Down => Math.Floor(value),
                _ => Math.Ceiling(value),
            };
        }
        return i.Saturate ? value > 0 ? Math.Min(value, 1) : 0 : value;
    }

    /// <summary>Integers: sign or zeros are extended, or the upper part is cut off.</summary>
    public static void Integer<TSource, TTarget>(Warp warp, Instruction i, uint mask)
        where TSource : unmanaged, IBinaryInteger<TSource> where TTarget : unmanaged, IBinaryInteger<TTarget>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            var source = *(TSource*)(a + lane * i.StrideA);
            var target = i.Saturate ? TTarget.CreateSaturating(source) : TTarget.CreateTruncating(source);
            if (i.StrideD == 8)
                *(long*)(d + lane * 8) = long.CreateTruncating(target);
            else
                *(int*)(d + lane * 4) = int.CreateTruncating(target);
        }
    }

    /// <summary>64-bit integers to single in one rounding.</summary>
    public static void LongToSingle<T>(Warp warp, Instruction i, uint mask) where T : unmanaged, IBinaryInteger<T>
    {
        byte* d = warp.Registers + i.D, a = warp.Registers + i.A;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            ((float*)d)[lane] = float.CreateTruncating(((T*)a)[lane]);
        }
    }

    /// <summary>Two singles to a pair of halves or bfloats; the first goes to the upper half.</summary>
    public static void Pair(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        bool relu = i.Signed;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            float high = Lanes.Get<float>(r + i.A, lane), low = Lanes.Get<float>(r + i.B, lane);
            if (relu)
                (high, low) = (MathF.Max(high, 0), MathF.Max(low, 0));
            uint bits = i.Mode == "bf16x2"
                ? (uint)Sixteen.ToBfloat(high, i.Rounding) << 16 | Sixteen.ToBfloat(low, i.Rounding)
                : (uint)Sixteen.ToHalf(high, i.Rounding) << 16 | Sixteen.ToHalf(low, i.Rounding);
            Lanes.Set(r + i.D, lane, bits);
        }
    }

    /// <summary>Arithmetic on one or two 16-bit floats in a register: exact in double, rounded once.</summary>
    public static void Sixteens(Warp warp, Instruction i, uint mask)
    {
        byte* r = warp.Registers;
        for (uint rest = mask; rest != 0; rest &= rest - 1)
        {
            int lane = BitOperations.TrailingZeroCount(rest);
            uint a = Lanes.Get<uint>(r + i.A, lane), b = Lanes.Get<uint>(r + i.B, lane),
                c = Lanes.Get<uint>(r + i.C, lane);
            uint low = SixteenOne(i, (ushort)a, (ushort)b, (ushort)c);
            uint high = i.Bytes == 4 ? SixteenOne(i, (ushort)(a >> 16), (ushort)(b >> 16), (ushort)(c >> 16)) : 0;
            Lanes.Set(r + i.D, lane, high << 16 | low);
        }
    }

    private static uint SixteenOne(Instruction i, ushort a, ushort b, ushort c)
    {
        bool half = i.IsFloat;
        double x = Widen(a, half), y = Widen(b, half), z = Widen(c, half);
        double result = i.Mode switch
        {
            "add" => x + y,
            "sub" => x - y,
            "mul" => x * y,
            "fma" => x * y + z,
            "min" => double.MinNumber(x, y),
            "max" => double.MaxNumber(x, y),
            "neg" => -x,
            "abs" => Math.Abs(x),
            "tanh" => Math.Tanh(x),
            _ => Math.Pow(2, x),
        };
        return half ? Sixteen.ToHalf(result, Rounding.Nearest) : Sixteen.ToBfloat(result, Rounding.Nearest);
    }

    private static double Widen(ushort bits, bool half) =>
        half ? (double)BitConverter.UInt16BitsToHalf(bits) : Sixteen.FromBfloat(bits);
}
