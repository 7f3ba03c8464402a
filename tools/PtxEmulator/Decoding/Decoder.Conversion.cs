using System.Numerics;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class Decoder
{
    private bool Convert(Instruction i, PtxStatement s)
    {
        if (s.Mnemonic != "cvt")
            return false;
        string target = s.Words[^2], source = s.Words[^1];
        ReadModes(i, s);
        i.D = Register(s.Operands[0], s);
        if (target is "bf16x2" or "f16x2")
        {
            i.Run = &Conversions.Pair;
            i.Mode = target;
            i.Signed = s.Has("relu");
            (i.A, i.B) = (Source(s.Operands[1], 4, s, "f32"), Source(s.Operands[2], 4, s, "f32"));
            return source == "f32";
        }
        if (s.Has("relu"))
            return false;
        i.StrideD = StrideOf(s.Operands[0], PtxType.Stride(target));
        i.StrideA = StrideOf(s.Operands[1], PtxType.Stride(source));
        i.A = Source(s.Operands[1], i.StrideA, s, source);
        i.Run = source switch
        {
            "f32" => FromFloat<SingleFormat>(target),
            "f64" => FromFloat<DoubleFormat>(target),
            "f16" => FromFloat<HalfFormat>(target),
            "bf16" => FromFloat<BfloatFormat>(target),
            "s8" => FromInteger<sbyte>(target),
            "u8" or "b8" => FromInteger<byte>(target),
            "s16" => FromInteger<short>(target),
            "u16" or "b16" => FromInteger<ushort>(target),
            "s32" => FromInteger<int>(target),
            "u32" or "b32" => FromInteger<uint>(target),
            "s64" => FromInteger<long>(target),
            "u64" or "b64" => FromInteger<ulong>(target),
            _ => null,
        };
        return i.Run != null
            && !(source is "s64" or "u64" && target[0] is 'f' or 'b' && i.Rounding != Rounding.Nearest);
    }

    private static void ReadModes(Instruction i, PtxStatement s)
    {
        i.Rounding = s.Has("rz") || s.Has("rzi")
            ? Rounding.Zero
            : s.Has("rm") || s.Has("rmi")
                ? Rounding.Down
                : s.Has("rp") || s.Has("rpi") ? Rounding.Up : Rounding.Nearest;
        i.ToInteger = s.Has("rni") || s.Has("rzi") || s.Has("rmi") || s.Has("rpi");
        i.Flush = s.Has("ftz");
        i.Saturate = s.Has("sat");
    }

    private static delegate*<Warp, Instruction, uint, void> FromFloat<TSource>(string target) where TSource : IFormat =>
        target switch
        {
            "f32" => &Conversions.Float<TSource, SingleFormat>,
            "f64" => &Conversions.Float<TSource, DoubleFormat>,
            "f16" => &Conversions.Float<TSource, HalfFormat>,
            "bf16" => &Conversions.Float<TSource, BfloatFormat>,
            "s8" => &Conversions.Float<TSource, IntegerFormat<sbyte>>,
            "u8" => &Conversions.Float<TSource, IntegerFormat<byte>>,
            "s16" => &Conversions.Float<TSource, IntegerFormat<short>>,
            "u16" => &Conversions.Float<TSource, IntegerFormat<ushort>>,
            "s32" => &Conversions.Float<TSource, IntegerFormat<int>>,
            "u32" => &Conversions.Float<TSource, IntegerFormat<uint>>,
            "s64" => &Conversions.Float<TSource, IntegerFormat<long>>,
            "u64" => &Conversions.Float<TSource, IntegerFormat<ulong>>,
            _ => null,
        };

    private static delegate*<Warp, Instruction, uint, void> FromInteger<TSource>(string target)
        where TSource : unmanaged, IBinaryInteger<TSource> => target switch
        {
            "f32" when sizeof(TSource) == 8 => &Conversions.LongToSingle<TSource>,
            "f32" => &Conversions.Float<IntegerFormat<TSource>, SingleFormat>,
            "f64" => &Conversions.Float<IntegerFormat<TSource>, DoubleFormat>,
            "f16" => &Conversions.Float<IntegerFormat<TSource>, HalfFormat>,
            "bf16" => &Conversions.Float<IntegerFormat<TSource>, BfloatFormat>,
            "s8" => &Conversions.Integer<TSource, sbyte>,
            "u8" or "b8" => &Conversions.Integer<TSource, byte>,
            "s16" => &Conversions.Integer<TSource, short>,
            "u16" or "b16" => &Conversions.Integer<TSource, ushort>,
            "s32" => &Conversions.Integer<TSource, int>,
            "u32" or "b32" => &Conversions.Integer<TSource, uint>,
            "s64" => &Conversions.Integer<TSource, long>,
            "u64" or "b64" => &Conversions.Integer<TSource, ulong>,
            _ => null,
        };
}
