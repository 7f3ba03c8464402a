using System.Numerics;

namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class Decoder
{
    private bool BitInstructions(Instruction i, PtxStatement s)
    {
        var type = TypeOf(s);
        switch (s.Mnemonic)
        {
            case "and" or "or" or "xor" or "not" when type == "pred":
                return Logic(i, s);
            case "and" or "or" or "xor" or "not":
                i.Run =
                    PtxType.Bytes(type) switch { 8 => BitsOf<ulong>(s), 4 => BitsOf<uint>(s), _ => BitsOf<ushort>(s) };
                Same(i, s, type);
                return true;
            case "shl" or "shr":
                i.Run = type switch
                {
                    "s64" => Shifts<long>(s),
                    "b64" or "u64" => Shifts<ulong>(s),
                    "s32" => Shifts<int>(s),
                    "b32" or "u32" => Shifts<uint>(s),
                    "s16" => Shifts<short>(s),
                    _ => Shifts<ushort>(s),
                };
                Mixed(i, s, PtxType.Stride(type), 4);
                return true;
            case "bfe":
                i.Run = type switch
                {
                    "s64" => &Bits.Extract<long>,
                    "u64" => &Bits.Extract<ulong>,
                    "s32" => &Bits.Extract<int>,
                    _ => &Bits.Extract<uint>,
                };
                Mixed(i, s, PtxType.Stride(type), 4, 4);
                return true;
            case "bfi":
                i.Run = type == "b64" ? &Bits.Insert<ulong> : &Bits.Insert<uint>;
                Mixed(i, s, PtxType.Stride(type), PtxType.Stride(type), 4, 4);
                return true;
            case "lop3" when !s.Has("or") && !s.Has("and"):
                i.Run = &Bits.Logic;
                Mixed(i, s, 4, 4, 4);
                i.Offset = s.Operands[4].Bits;
                return true;
            case "prmt" when s.Words.Length == 2:
                i.Run = &Bits.Permute;
                Mixed(i, s, 4, 4, 4);
                return true;
            case "shf":
                i.Run = &Bits.Funnel;
                (i.Mode, i.Saturate) = (s.Words[1], s.Has("clamp"));
                Mixed(i, s, 4, 4, 4);
                return true;
            default:
                return Counts(i, s, type);
        }
    }

    private bool Counts(Instruction i, PtxStatement s, string type)
    {
        bool wide = PtxType.IsType(type) && PtxType.Bytes(type) == 8;
        i.Run = s.Mnemonic switch
        {
            "popc" => wide ? &Bits.Narrow<CountBits<ulong>> : &Lanes.Unary<uint, CountBits<uint>>,
            "clz" => wide ? &Bits.Narrow<LeadingZeros<ulong>> : &Lanes.Unary<uint, LeadingZeros<uint>>,
            "brev" => wide ? &Lanes.Unary<ulong, Mirror<ulong>> : &Lanes.Unary<uint, Mirror<uint>>,
            "bfind" => type switch
            {
                "s64" => &Bits.Highest<long>,
                "u64" => &Bits.Highest<ulong>,
                "s32" => &Bits.Highest<int>,
                _ => &Bits.Highest<uint>,
            },
            _ => null,
        };
        if (i.Run == null)
            return false;
        i.Saturate = s.Has("shiftamt");
        Mixed(i, s, PtxType.Stride(type));
        return true;
    }

    private static delegate*<Warp, Instruction, uint, void> BitsOf<T>(PtxStatement s)
        where T : unmanaged, IBinaryInteger<T> => s.Mnemonic switch
        {
            "and" => &Lanes.Binary<T, And<T>>,
            "or" => &Lanes.Binary<T, Or<T>>,
            "xor" => &Lanes.Binary<T, Xor<T>>,
            _ => &Lanes.Unary<T, Not<T>>,
        };

    private static delegate*<Warp, Instruction, uint, void> Shifts<T>(PtxStatement s)
        where T : unmanaged, IBinaryInteger<T> =>
        s.Mnemonic == "shl" ? &Bits.Left<T> : &Bits.Right<T>;

    // Sources of different widths.
    private void Mixed(Instruction i, PtxStatement s, int strideA, int strideB = 0, int strideC = 0, int strideE = 0)
    {
        i.D = Register(s.Operands[0], s);
        i.A = Source(s.Operands[1], strideA, s);
        if (strideB > 0)
            i.B = Source(s.Operands[2], strideB, s);
        if (strideC > 0)
            i.C = Source(s.Operands[3], strideC, s);
        if (strideE > 0)
            i.E = Source(s.Operands[4], strideE, s);
    }

    private bool Logic(Instruction i, PtxStatement s)
    {
        i.D = Predicate(s.Operands[0], s);
        i.A = Predicate(s.Operands[1], s);
        i.NegatedA = s.Operands[1].Negated;
        i.Run = &PredicateLogic.Run;
        i.Mode = s.Mnemonic;
        if (s.Operands.Count > 2)
        {
            i.B = Predicate(s.Operands[2], s);
            i.NegatedB = s.Operands[2].Negated;
        }
        return true;
    }

    private bool Compare(Instruction i, PtxStatement s)
    {
        var type = TypeOf(s);
        if (s.Mnemonic == "selp")
            return Select(i, s, type);
        if (s.Mnemonic is not ("setp" or "set"))
            return false;
        var operation = s.Words[1];
        i.Run = type switch
        {
            "f32" => Floats<float>(operation, s),
            "f64" => Floats<double>(operation, s),
            "f16" => Floats<Half>(operation, s),
            "s32" => Integers<int>(operation, s),
            "u32" or "b32" => Integers<uint>(operation, s),
            "s64" => Integers<long>(operation, s),
            "u64" or "b64" => Integers<ulong>(operation, s),
            "s16" => Integers<short>(operation, s),
            "u16" or "b16" => Integers<ushort>(operation, s),
            _ => null,
        };
        if (i.Run == null)
            return false;
        var target = s.Operands[0];
        if (target.Kind == OperandKind.PredicatePair)
            i.D2 = Predicate(target.Parts![1], s);
        i.D = Register(target.Kind == OperandKind.PredicatePair ? target.Parts![0] : target, s);
        i.A = Source(s.Operands[1], PtxType.Stride(type), s, type);
        i.B = Source(s.Operands[2], PtxType.Stride(type), s, type);
        i.IsFloat = s.Mnemonic == "set" && s.Words[^2] == "f32";
        if (s.Operands.Count > 3)
        {
            i.Mode = s.Has("and") ? "and" : s.Has("or") ? "or" : "xor";
            i.C = Predicate(s.Operands[3], s);
            i.NegatedC = s.Operands[3].Negated;
        }
        return true;
    }

    private bool Select(Instruction i, PtxStatement s, string type)
    {
        i.Run = PtxType.Bytes(type) switch
        {
            8 => &Lanes.Select<ulong>,
            4 => &Lanes.Select<uint>,
            _ => &Lanes.Select<ushort>,
        };
        Mixed(i, s, PtxType.Stride(type), PtxType.Stride(type));
        i.A = Source(s.Operands[1], PtxType.Stride(type), s, type);
        i.B = Source(s.Operands[2], PtxType.Stride(type), s, type);
        i.C = Predicate(s.Operands[3], s);
        i.NegatedC = s.Operands[3].Negated;
        return true;
    }

    private static delegate*<Warp, Instruction, uint, void> Integers<T>(string operation, PtxStatement s)
        where T : unmanaged, IBinaryInteger<T> => operation switch
        {
            "eq" => Comparison<T, Equal<T>>(s),
            "ne" => Comparison<T, Unequal<T>>(s),
            "lt" or "lo" => Comparison<T, Less<T>>(s),
            "le" or "ls" => Comparison<T, LessOrEqual<T>>(s),
            "gt" or "hi" => Comparison<T, Greater<T>>(s),
            "ge" or "hs" => Comparison<T, GreaterOrEqual<T>>(s),
            _ => null,
        };

    private static delegate*<Warp, Instruction, uint, void> Floats<T>(string operation, PtxStatement s)
        where T : unmanaged, IFloatingPointIeee754<T> => operation switch
        {
            "eq" => Comparison<T, Equal<T>>(s),
            "ne" => Comparison<T, OrderedUnequal<T>>(s),
            "lt" => Comparison<T, Less<T>>(s),
            "le" => Comparison<T, LessOrEqual<T>>(s),
            "gt" => Comparison<T, Greater<T>>(s),
            "ge" => Comparison<T, GreaterOrEqual<T>>(s),
            "equ" => Comparison<T, Inverse<T, OrderedUnequal<T>>>(s),
            "neu" => Comparison<T, Unequal<T>>(s),
            "ltu" => Comparison<T, Inverse<T, GreaterOrEqual<T>>>(s),
            "leu" => Comparison<T, Inverse<T, Greater<T>>>(s),
            "gtu" => Comparison<T, Inverse<T, LessOrEqual<T>>>(s),
            "geu" => Comparison<T, Inverse<T, Less<T>>>(s),
            "num" => Comparison<T, Inverse<T, Unordered<T>>>(s),
            "nan" => Comparison<T, Unordered<T>>(s),
            _ => null,
        };

    private static delegate*<Warp, Instruction, uint, void> Comparison<T, TOp>(PtxStatement s) where T : unmanaged
        where TOp : ICompare<T> =>
        s.Mnemonic == "set" ? &Lanes.CompareToValue<T, TOp> : &Lanes.Compare<T, TOp>;
}
