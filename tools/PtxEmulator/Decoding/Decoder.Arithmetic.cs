using System.Numerics;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class Decoder
{
    private bool Arithmetic(Instruction i, PtxStatement s)
    {
        var type = TypeOf(s);
        if (type is "f16" or "bf16" or "f16x2" or "bf16x2")
            return ArithmeticOfSixteens(i, s, type);
        if (s.Mnemonic is "mul" or "mad" && s.Has("wide"))
            return Wide(i, s, type);
        i.Run = (s.Mnemonic, type) switch
        {
            (_, "f32") => Single(s),
            (_, "f64") => Float<double>(s),
            (_, "s32") => Whole<int>(s),
            (_, "u32" or "b32") => Whole<uint>(s),
            (_, "s64") => Whole<long>(s),
            (_, "u64" or "b64") => Whole<ulong>(s),
            (_, "s16") => Whole<short>(s),
            (_, "u16" or "b16") => Whole<ushort>(s),
            _ => null,
        };
        if (i.Run == null)
            return false;
        Same(i, s, type);
        return true;
    }

    private static delegate*<Warp, Instruction, uint, void> Whole<T>(PtxStatement s)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (s.Has("cc") || s.Has("sat"))
            return null;
        return s.Mnemonic switch
        {
            "add" => &Lanes.Binary<T, Add<T>>,
            "sub" => &Lanes.Binary<T, Subtract<T>>,
            "mul" => s.Has("hi") ? &Lanes.Binary<T, MultiplyHigh<T>> : &Lanes.Binary<T, Multiply<T>>,
            "mad" => s.Has("hi") ? &Lanes.Ternary<T, MultiplyHighAdd<T>> : &Lanes.Ternary<T, MultiplyAdd<T>>,
            "div" => &Lanes.Binary<T, DivideInteger<T>>,
            "rem" => &Lanes.Binary<T, Remainder<T>>,
            "min" => &Lanes.Binary<T, Smaller<T>>,
            "max" => &Lanes.Binary<T, Larger<T>>,
            "neg" => &Lanes.Unary<T, Negate<T>>,
            "abs" => &Lanes.Unary<T, AbsoluteInteger<T>>,
            _ => null,
        };
    }

    private static delegate*<Warp, Instruction, uint, void> Float<T>(PtxStatement s)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (s.Has("rz") || s.Has("rm") || s.Has("rp") || s.Has("sat"))
            return null;
        return s.Mnemonic switch
        {
            "add" => &Lanes.Binary<T, Add<T>>,
            "sub" => &Lanes.Binary<T, Subtract<T>>,
            "mul" => &Lanes.Binary<T, Multiply<T>>,
            "div" => &Lanes.Binary<T, DivideFloat<T>>,
            "fma" or "mad" => &Lanes.Ternary<T, FusedMultiplyAdd<T>>,
            "min" => s.Has("NaN") ? &Lanes.Binary<T, SmallerOrNan<T>> : &Lanes.Binary<T, Smaller<T>>,
            "max" => s.Has("NaN") ? &Lanes.Binary<T, LargerOrNan<T>> : &Lanes.Binary<T, Larger<T>>,
            "neg" => &Lanes.Unary<T, Negate<T>>,
            "abs" => &Lanes.Unary<T, AbsoluteFloat<T>>,
            "rcp" => &Lanes.Unary<T, Reciprocal<T>>,
            "sqrt" => &Lanes.Unary<T, SquareRoot<T>>,
            "rsqrt" => typeof(T) == typeof(double)
                ? &Lanes.Unary<double, ReciprocalRoot>
                : &Lanes.Unary<float, ReciprocalRoot>,
            _ => null,
        };
    }

    private static delegate*<Warp, Instruction, uint, void> Single(PtxStatement s)
    {
        if (s.Has("rz"))
            return DirectedSingle<TowardsZero>(s);
        if (s.Has("rm"))
            return DirectedSingle<Downwards>(s);
        if (s.Has("rp"))
            return DirectedSingle<Upwards>(s);
        if (s.Has("ftz"))
            return s.Has("sat") ? null : FlushedSingle(s);
        if (s.Has("sat"))
            return SaturatedSingle(s);
        return s.Mnemonic switch
        {
            "ex2" => &Lanes.Unary<float, PowerOfTwo>,
            "lg2" => &Lanes.Unary<float, LogarithmOfTwo>,
            "sin" => &Lanes.Unary<float, Sine>,
            "cos" => &Lanes.Unary<float, Cosine>,
            "tanh" => &Lanes.Unary<float, HyperbolicTangent>,
            _ => Float<float>(s),
        };
    }

    private static delegate*<Warp, Instruction, uint, void> DirectedSingle<TDirection>(PtxStatement s)
        where TDirection : IDirection => s.Mnemonic switch
        {
            "add" => &Lanes.Binary<float, DirectedFma<TDirection>>,
            "mul" => &Lanes.Binary<float, DirectedMultiply<TDirection>>,
            "fma" or "mad" => &Lanes.Ternary<float, DirectedFma<TDirection>>,
            _ => null,
        };

    private static delegate*<Warp, Instruction, uint, void> SaturatedSingle(PtxStatement s) => s.Mnemonic switch
    {
        "add" => &Lanes.Binary<float, SaturatedBinary<Add<float>>>,
        "sub" => &Lanes.Binary<float, SaturatedBinary<Subtract<float>>>,
        "mul" => &Lanes.Binary<float, SaturatedBinary<Multiply<float>>>,
        "fma" or "mad" => &Lanes.Ternary<float, SaturatedTernary<FusedMultiplyAdd<float>>>,
        _ => null,
    };

    private static delegate*<Warp, Instruction, uint, void> FlushedSingle(PtxStatement s) => s.Mnemonic switch
    {
        "add" => &Lanes.Binary<float, FlushedBinary<Add<float>>>,
        "sub" => &Lanes.Binary<float, FlushedBinary<Subtract<float>>>,
        "mul" => &Lanes.Binary<float, FlushedBinary<Multiply<float>>>,
        "div" => &Lanes.Binary<float, FlushedBinary<DivideFloat<float>>>,
        "fma" or "mad" => &Lanes.Ternary<float, FlushedTernary<FusedMultiplyAdd<float>>>,
        "min" => &Lanes.Binary<float, FlushedBinary<Smaller<float>>>,
        "max" => &Lanes.Binary<float, FlushedBinary<Larger<float>>>,
        "neg" => &Lanes.Unary<float, FlushedUnary<Negate<float>>>,
        "abs" => &Lanes.Unary<float, FlushedUnary<AbsoluteFloat<float>>>,
        "rcp" => &Lanes.Unary<float, FlushedUnary<Reciprocal<float>>>,
        "sqrt" => &Lanes.Unary<float, FlushedUnary<SquareRoot<float>>>,
        "rsqrt" => &Lanes.Unary<float, FlushedUnary<ReciprocalRoot>>,
        "ex2" => &Lanes.Unary<float, FlushedUnary<PowerOfTwo>>,
        "lg2" => &Lanes.Unary<float, FlushedUnary<LogarithmOfTwo>>,
        "sin" => &Lanes.Unary<float, FlushedUnary<Sine>>,
        "cos" => &Lanes.Unary<float, FlushedUnary<Cosine>>,
        _ => null,
    };

    private bool ArithmeticOfSixteens(Instruction i, PtxStatement s, string type)
    {
        i.Mode = s.Mnemonic;
        if (s.Mnemonic is not ("add" or "sub" or "mul" or "fma" or "min" or "max" or "neg" or "abs" or "ex2" or "tanh")
            || s.Has("relu") || s.Has("sat"))
        {
            return false;
        }
        i.Run = &Conversions.Sixteens;
        i.IsFloat = type[0] == 'f';
        i.Bytes = PtxType.Bytes(type);
        Same(i, s, type);
        return true;
    }

    private bool Wide(Instruction i, PtxStatement s, string type)
    {
        i.Run = type switch
        {
            "s32" => &Lanes.Wide<int, long>,
            "u32" => &Lanes.Wide<uint, ulong>,
            "s16" => &Lanes.Wide<short, int>,
            "u16" => &Lanes.Wide<ushort, uint>,
            _ => null,
        };
        i.D = Register(s.Operands[0], s);
        i.A = Source(s.Operands[1], 4, s);
        i.B = Source(s.Operands[2], 4, s);
        if (s.Mnemonic == "mad")
            i.C = Source(s.Operands[3], type[1..] == "32" ? 8 : 4, s);
        return i.Run != null;
    }
}
