namespace Flixstock.PtxEmulator;

internal sealed unsafe partial class Decoder
{
    private bool Moves(Instruction i, PtxStatement s)
    {
        if (s.Mnemonic == "cvta")
            return ConvertAddress(i, s);
        if (s.Mnemonic != "mov")
            return false;
        var type = TypeOf(s);
        PtxOperand target = s.Operands[0], source = s.Operands[1];
        if (type == "pred")
            return Logic(i, s);
        int stride = PtxType.Stride(type);
        if (source.Kind == OperandKind.Vector)
        {
            i.Run = &Bits.Pack;
            i.Bytes = PtxType.Bytes(type) / source.Parts!.Count;
            i.StrideD = stride;
            i.D = Register(target, s);
            i.Vector = [.. source.Parts.Select(part => Source(part, 4, s))];
            return true;
        }
        if (target.Kind == OperandKind.Vector)
        {
            i.Run = &Bits.Unpack;
            i.Bytes = PtxType.Bytes(type) / target.Parts!.Count;
            i.StrideA = stride;
            i.A = Source(source, stride, s);
            i.Vector = [.. target.Parts.Select(part => part.Kind == OperandKind.Sink ? -1 : Register(part, s))];
            return true;
        }
        i.Run =
            PtxType.Bytes(type) switch { 8 => &Lanes.Copy<ulong>, 4 => &Lanes.Copy<uint>, _ => &Lanes.Copy<ushort> };
        i.D = Register(target, s);
        // 64-bit special registers (clocks) are kept with 32 bits.
        if (stride == 8 && source.Text.StartsWith('%') && !registers.TryFind(source.Text, out _, out _))
            return Widened(i, source);
        i.A = Source(source, stride, s, type);
        return true;
    }

    private bool Widened(Instruction i, PtxOperand source)
    {
        i.Run = &Conversions.Integer<uint, ulong>;
        (i.A, i.StrideD) = (registers.Special(source.Text), 8);
        return true;
    }

    // Global addresses are generic ones; shared and local memory lie in windows.
    private bool ConvertAddress(Instruction i, PtxStatement s)
    {
        ulong window = s.Has("shared") ? MemoryAccess.SharedWindow : s.Has("local") ? MemoryAccess.LocalWindow : 0;
        i.D = Register(s.Operands[0], s);
        i.A = Source(s.Operands[1], 8, s);
        if (window == 0)
        {
            i.Run = &Lanes.Copy<ulong>;
            return true;
        }
        i.Run = &Lanes.Binary<ulong, Add<ulong>>;
        i.B = registers.Constant(s.Has("to") ? 0 - window : window, 8);
        return true;
    }

    private bool MemoryInstructions(Instruction i, PtxStatement s)
    {
        switch (s.Mnemonic)
        {
            case "ld" or "ldu" or "st":
                Access(i, s);
                return true;
            case "atom" or "red":
                AtomicAccess(i, s);
                return true;
            default:
                return false;
        }
    }

    private void Access(Instruction i, PtxStatement s)
    {
        bool load = s.Mnemonic != "st";
        var type = TypeOf(s);
        i.Bytes = PtxType.Bytes(type);
        i.Signed = type[0] == 's';
        i.IsSynchronised = s.Has("volatile") || s.Has("relaxed") || s.Has("acquire") || s.Has("release");
        i.Space = SpaceOf(s);
        Address(i, s, s.Operands[load ? 1 : 0]);
        var data = s.Operands[load ? 0 : 1];
        var parts = data.Kind == OperandKind.Vector ? data.Parts! : [data];
        i.StrideD = parts.Select(part => StrideOf(part, PtxType.Stride(type))).Max();
        i.Vector = [.. parts.Select(
            part => load ? part.Kind == OperandKind.Sink ? -1 : Register(part, s) : Source(part, i.StrideD, s, type))];
        if (i.Space == MemorySpace.Parameter)
            i.Run = &MemoryAccess.LoadParameter;
        else if (load)
            i.Run = &MemoryAccess.Load;
        else
            i.Run = &MemoryAccess.Store;
    }

    private static MemorySpace SpaceOf(PtxStatement s)
    {
        if (s.Has("global") || s.Has("const"))
            return MemorySpace.Global;
        if (s.Has("shared") || s.Has("shared_cta"))
            return MemorySpace.Shared;
        if (s.Has("local"))
            return MemorySpace.Local;
        return s.Has("param") || s.Has("param_entry") ? MemorySpace.Parameter : MemorySpace.Generic;
    }

    private void Address(Instruction i, PtxStatement s, PtxOperand address)
    {
        i.Offset = address.Bits;
        i.StrideA = StrideOf(address, 8);
        if (address.Text.Length == 0)
            i.A = registers.Constant(0, 8);
        else
            i.A = Source(new PtxOperand(OperandKind.Symbol, address.Text), i.StrideA, s);
        if (i.Space == MemorySpace.Generic && _addresses.ContainsKey(address.Text))
            throw Unknown(s, "names an array without its state space");
    }

    private void AtomicAccess(Instruction i, PtxStatement s)
    {
        bool returns = s.Mnemonic == "atom";
        var type = TypeOf(s);
        i.Mode = Array.Find(
            s.Words,
            word => word is "add" or "min" or "max" or "and" or "or" or "xor" or "exch" or "cas" or "inc" or "dec")
            ?? throw Unknown(s, "is an atomic operation that the emulator does not know");
        if (type[0] is 'f' or 'b' && type is not ("b16" or "b32" or "b64") && i.Mode != "add"
            || Array.Exists(s.Words, word => word is "v2" or "v4" or "v8"))
        {
            throw Unknown(s, "is an atomic operation that the emulator does not know");
        }
        i.Run = &Atomics.Run;
        i.IsAtomic = true;
        i.Bytes = PtxType.Bytes(type);
        i.Space = SpaceOf(s);
        int at = returns ? 1 : 0, stride = PtxType.Stride(type);
        if (returns && s.Operands[0].Kind != OperandKind.Sink)
            i.D = Register(s.Operands[0], s);
        Address(i, s, s.Operands[at]);
        i.B = Source(s.Operands[at + 1], stride, s, type);
        if (s.Operands.Count > at + 2)
            i.C = Source(s.Operands[at + 2], stride, s, type);
    }

    private bool WarpInstructions(Instruction i, PtxStatement s)
    {
        switch (s.Mnemonic)
        {
            case "shfl":
                i.Run = &WarpOperations.Shuffle;
                i.Mode = Array.Find(s.Words, word => word is "up" or "down" or "bfly" or "idx")!;
                var target = s.Operands[0];
                if (target.Kind == OperandKind.PredicatePair)
                    i.D2 = Predicate(target.Parts![1], s);
                i.D = Register(target.Kind == OperandKind.PredicatePair ? target.Parts![0] : target, s);
                (i.A, i.B, i.C, i.E) = (
                    Source(s.Operands[1], 4, s), Source(s.Operands[2], 4, s), Source(s.Operands[3], 4, s),
                    Source(s.Operands[4], 4, s));
                return true;
            case "vote":
                i.Run = &WarpOperations.Vote;
                i.Mode = Array.Find(s.Words, word => word is "all" or "any" or "uni" or "ballot")!;
                i.D = Register(s.Operands[0], s);
                i.A = Predicate(s.Operands[1], s);
                i.NegatedA = s.Operands[1].Negated;
                i.B = Source(s.Operands[2], 4, s);
                return true;
            case "match" when s.Has("any"):
                i.Run = &WarpOperations.Match;
                i.Bytes = PtxType.Bytes(TypeOf(s));
                (i.D, i.A, i.B) = (
                    Register(s.Operands[0], s), Source(s.Operands[1], PtxType.Stride(TypeOf(s)), s),
                    Source(s.Operands[2], 4, s));
                return true;
            case "redux":
                i.Run = &WarpOperations.Reduce;
                (i.Mode, i.Signed) = (s.Words[2], TypeOf(s) == "s32");
                (i.D, i.A, i.B) =
                    (Register(s.Operands[0], s), Source(s.Operands[1], 4, s), Source(s.Operands[2], 4, s));
                return true;
            case "activemask":
                i.Run = &WarpOperations.ActiveMask;
                i.D = Register(s.Operands[0], s);
                return true;
            case "bar" or "barrier" when s.Has("warp"):
                i.Run = &WarpOperations.Synchronise;
                i.A = Source(s.Operands[0], 4, s);
                return true;
            default:
                return false;
        }
    }
}
