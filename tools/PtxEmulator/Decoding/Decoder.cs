using System.Globalization;
using System.Text.RegularExpressions;

namespace Flixstock.PtxEmulator;

/// <summary>
/// Statements to instructions: each operand becomes a place in the register file, each mnemonic with its types a loop
/// over lanes.
/// </summary>
internal sealed unsafe partial class Decoder(
    string name, int line, IReadOnlyList<PtxParameter> parameters, IReadOnlyList<PtxVariable> moduleShared,
    IReadOnlyList<PtxVariable> ownShared, IReadOnlyList<PtxVariable> local, HashSet<string> symbols,
    IReadOnlyList<PtxStatement> statements, IReadOnlyDictionary<string, int> labels, RegisterFile registers,
    string directives)
{
    private readonly Dictionary<string, long> _addresses = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, long), SymbolSlot> _symbolSlots = [];
    private int _sharedBytes, _localBytes;

    [GeneratedRegex(@"\.maxntid\s+(?<x>\d+)\s*(?:,\s*(?<y>\d+))?\s*(?:,\s*(?<z>\d+))?")]
    private static partial Regex MostThreads { get; }

    public PtxKernel Decode()
    {
        Place();
        var code = new Instruction[statements.Count];
        for (int i = 0; i < code.Length; i++)
        {
            code[i] = One(statements[i]);
            code[i].Index = i;
        }
        return new PtxKernel
        {
            Name = name,
            Line = line,
            Parameters = parameters,
            Code = code,
            BlockCount = ControlFlow.Analyse(code),
            Registers = registers,
            Symbols = [.. _symbolSlots.Values],
            SharedBytes = _sharedBytes,
            LocalBytes = _localBytes,
            MostThreads = ReadMostThreads(),
        };
    }

    private int ReadMostThreads()
    {
        var match = MostThreads.Match(directives);
        if (!match.Success)
            return 1024;
        int Part(string part) =>
            match.Groups[part].Success ? int.Parse(match.Groups[part].ValueSpan, CultureInfo.InvariantCulture) : 1;
        return Part("x") * Part("y") * Part("z");
    }

    // Arrays that a kernel does not name take no room in it; dynamic memory comes last.
    private void Place()
    {
        foreach (var variable in ownShared.Concat(moduleShared.Where(variable => Names(variable.Name)))
            .OrderBy(variable => variable.Bytes == 0))
        {
            int alignment = variable.Bytes == 0 ? 16 : variable.Alignment;
            int offset = (_sharedBytes + alignment - 1) / alignment * alignment;
            _addresses[variable.Name] = offset;
            if (variable.Bytes > 0)
                _sharedBytes = offset + variable.Bytes;
        }
        foreach (var variable in local)
        {
            _localBytes = (_localBytes + variable.Alignment - 1) / variable.Alignment * variable.Alignment;
            _addresses[variable.Name] = _localBytes;
            _localBytes += variable.Bytes;
        }
        _localBytes = (_localBytes + 15) / 16 * 16;
        foreach (var parameter in parameters)
            _addresses[parameter.Name] = parameter.Offset;
    }

    private bool Names(string variable) =>
        statements.Any(statement => statement.Operands.Any(operand => operand.Text == variable));

    private Instruction One(PtxStatement statement)
    {
        var instruction = new Instruction { Statement = statement };
        if (statement.Guard is { } guard)
        {
            instruction.Guard = Predicate(guard, statement);
            instruction.GuardNegated = guard.Negated;
        }
        try
        {
            bool known = Control(instruction, statement) || Moves(instruction, statement)
                || MemoryInstructions(instruction, statement) || WarpInstructions(instruction, statement)
                || BitInstructions(instruction, statement) || Compare(instruction, statement)
                || Convert(instruction, statement) || Arithmetic(instruction, statement);
            return known ? instruction : throw Unknown(statement, "is not known to the emulator");
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw Unknown(statement, "has not the operands that are expected");
        }
    }

    private PtxException Unknown(PtxStatement statement, string why) =>
        new($"kernel '{name}', PTX line {statement.Line}: instruction '{statement.Text}' {why}");

    private bool Control(Instruction i, PtxStatement s)
    {
        switch (s.Mnemonic)
        {
            case "bra":
                i.Kind = InstructionKind.Branch;
                i.Target = labels.TryGetValue(s.Operands[0].Text, out int target)
                    ? target
                    : throw Unknown(s, "goes to a label that is not there");
                return true;
            case "ret" or "exit":
                i.Kind = InstructionKind.Exit;
                return true;
            case "bar" or "barrier" when !s.Has("warp"):
                Barrier(i, s);
                return true;
            case "trap":
                i.Run = &WarpOperations.Trap;
                return true;
            case "membar" or "fence" when !s.Has("cta"):
                i.Run = &WarpOperations.Fence;
                return true;
            case "membar" or "fence" or "nanosleep" or "prefetch" or "prefetchu" or "griddepcontrol" or "discard"
                or "applypriority":
                i.Run = &WarpOperations.Nothing;
                return true;
            default:
                return false;
        }
    }

    private void Barrier(Instruction i, PtxStatement s)
    {
        if (s.Has("arrive"))
            throw Unknown(s, "is a barrier that does not wait, which the emulator does not execute");
        if (!s.Has("red"))
        {
            i.Kind = InstructionKind.Barrier;
            if (s.Operands.Count > 1)
                throw Unknown(s, "is a barrier for part of a block, which the emulator does not execute");
            return;
        }
        i.Kind = InstructionKind.BarrierReduction;
        i.Mode = s.Has("popc") ? "popc" : s.Has("and") ? "and" : "or";
        i.D = i.Mode == "popc" ? Register(s.Operands[0], s) : Predicate(s.Operands[0], s);
        i.A = Predicate(s.Operands[^1], s);
        i.NegatedA = s.Operands[^1].Negated;
    }

    // ---- operands

    private int Register(PtxOperand operand, PtxStatement s) => registers.TryFind(operand.Text, out int offset, out _)
        ? offset
        : throw Unknown(s, $"names '{operand.Text}', which is not a register");

    private int Predicate(PtxOperand operand, PtxStatement s)
    {
        if (operand.Kind == OperandKind.Immediate)
            return registers.Constant(operand.Bits != 0 ? 1ul : 0, 0);
        return Register(operand, s);
    }

    private int StrideOf(PtxOperand operand, int otherwise) =>
        registers.TryFind(operand.Text, out _, out var type) && type != "pred" ? PtxType.Stride(type) : otherwise;

    /// <summary>Place of a source: a register, a constant, an address, a special register.</summary>
    private int Source(PtxOperand operand, int stride, PtxStatement s, string type = "")
    {
        if (operand.Kind == OperandKind.Immediate)
            return registers.Constant(Immediate(operand, stride, type), stride);
        if (registers.TryFind(operand.Text, out int offset, out _))
            return offset;
        if (operand.Text.StartsWith('%'))
            return registers.Special(operand.Text);
        if (operand.Text == "WARP_SZ")
            return registers.Constant(32, stride);
        if (_addresses.TryGetValue(operand.Text, out long address))
            return registers.Constant((ulong)(address + operand.Bits), stride);
        return symbols.Contains(operand.Text)
            ? Symbol(operand.Text, operand.Bits)
            : throw Unknown(s, $"names '{operand.Text}', which is not declared");
    }

    private static ulong Immediate(PtxOperand operand, int stride, string type)
    {
        if (type == "f32" && !operand.IsFloat)
            return BitConverter.SingleToUInt32Bits(operand.Bits);
        if (type == "f64" && !operand.IsFloat)
            return BitConverter.DoubleToUInt64Bits(operand.Bits);
        return stride == 8 ? (ulong)operand.Bits : (uint)operand.Bits;
    }

    private int Symbol(string symbol, long offset)
    {
        if (!_symbolSlots.TryGetValue((symbol, offset), out var slot))
        {
            registers.Declare($"{symbol}+{offset}", "b64");
            registers.TryFind($"{symbol}+{offset}", out int place, out _);
            _symbolSlots[(symbol, offset)] = slot = new SymbolSlot(place, symbol, offset);
        }
        return slot.Slot;
    }

    private static string TypeOf(PtxStatement s) => s.Words[^1];

    // Destination and up to three sources of one type.
    private void Same(Instruction i, PtxStatement s, string type)
    {
        int stride = PtxType.Stride(type);
        i.D = Register(s.Operands[0], s);
        i.A = Source(s.Operands[1], stride, s, type);
        if (s.Operands.Count > 2)
            i.B = Source(s.Operands[2], stride, s, type);
        if (s.Operands.Count > 3)
            i.C = Source(s.Operands[3], stride, s, type);
    }
}
