using System.Buffers.Binary;
using System.Reflection.Metadata;

namespace Flixstock.Fuzz;

/// <summary>
/// A method's body with a counter on every way out of its conditional branches, and one at its beginning. A branch to T before N becomes
/// <c>branch A; count N; br N; A: count T; br T; N:</c>, all in one place, so that it stays inside the exception region that it was in.
/// </summary>
internal sealed class ProbedBody
{
    private const int BranchLength = 5, SwitchHead = 5, ProbeLength = 16, ProbeStack = 3;
    private const byte Branch = 0x38, Switch = 0x45;
    private const ushort FatHeader = 0x3003, InitializesLocals = 0x10, HasSections = 8;
    private readonly MethodBodyBlock _original;
    private readonly IReadOnlyList<Instruction> _instructions;
    private readonly Func<int, bool> _counts;
    private readonly Func<Instruction?, int?, long> _counter;
    private readonly Dictionary<int, int> _places = [];
    private readonly List<byte> _code = [];

    /// <param name="original">The body as compiled.</param>
    /// <param name="counts">True for the offsets of branches to count.</param>
    /// <param name="counter">Address of the counter of the way from a branch to an offset; without them: of the method.</param>
    public ProbedBody(MethodBodyBlock original, Func<int, bool> counts, Func<Instruction?, int?, long> counter)
    {
        (_original, _counts, _counter) = (original, counts, counter);
        _instructions = Instruction.Decode(original.GetILBytes()!);
        var place = ProbeLength;
        foreach (var instruction in _instructions)
        {
            _places[instruction.Offset] = place;
            place += LengthOf(instruction);
        }
        _places[_instructions[^1].End] = place;
    }

    /// <summary>Header, code and exception regions, to be put at a multiple of 4.</summary>
    public byte[] ToBytes()
    {
        Probe(_counter(null, null));
        foreach (var instruction in _instructions)
            Write(instruction);
        var (code, regions) = (_code.ToArray(), _original.ExceptionRegions);
        var flags = FatHeader | (_original.LocalVariablesInitialized ? InitializesLocals : 0) | (regions.Length > 0 ? HasSections : 0);
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body);
        writer.Write((ushort)flags);
        writer.Write((ushort)(_original.MaxStack + ProbeStack));
        writer.Write(code.Length);
        writer.Write(_original.LocalSignature.IsNil ? 0 : System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(_original.LocalSignature));
        writer.Write(code);
        if (regions.Length > 0)
            WriteRegions(writer, regions);
        return body.ToArray();
    }

    private bool IsCounted(Instruction instruction) => instruction.IsConditional && _counts(instruction.Offset);

    private int LengthOf(Instruction instruction)
    {
        var targets = instruction.Targets;
        var own = instruction.Bytes.Span[0] == Switch ? instruction.Bytes.Length : targets.Count > 0 ? BranchLength : instruction.Bytes.Length;
        return IsCounted(instruction) ? own + ((targets.Distinct().Count() + 1) * (ProbeLength + BranchLength)) : own;
    }

    private void Write(Instruction instruction)
    {
        var targets = instruction.Targets;
        if (targets.Count == 0)
            _code.AddRange(instruction.Bytes.Span);
        else if (!IsCounted(instruction))
            Jump(instruction, target => _places[target]);
        else
            WriteCounted(instruction, targets.Distinct().ToList());
    }

    private void WriteCounted(Instruction instruction, List<int> targets)
    {
        var ways = _code.Count + (instruction.Bytes.Span[0] == Switch ? instruction.Bytes.Length : BranchLength);
        Jump(instruction, target => ways + ((targets.IndexOf(target) + 1) * (ProbeLength + BranchLength)));
        foreach (var target in targets.Prepend(instruction.End))
        {
            Probe(_counter(instruction, target));
            _code.Add(Branch);
            WriteInt32(_places[target] - (_code.Count + 4));
        }
    }

    private void Jump(Instruction instruction, Func<int, int> place)
    {
        var targets = instruction.Targets;
        var isSwitch = instruction.Bytes.Span[0] == Switch;
        var end = _code.Count + (isSwitch ? SwitchHead + (4 * targets.Count) : BranchLength);
        _code.Add(instruction.LongCode);
        if (isSwitch)
            WriteInt32(targets.Count);
        foreach (var target in targets)
            WriteInt32(place(target) - end);
    }

    // ldc.i8 address; conv.u; dup; ldind.i8; ldc.i4.1; conv.i8; add; stind.i8
    private void Probe(long address)
    {
        Span<byte> bytes = [0x21, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0, 0x25, 0x4c, 0x17, 0x6a, 0x58, 0x55];
        BinaryPrimitives.WriteInt64LittleEndian(bytes[1..], address);
        _code.AddRange(bytes);
    }

    private void WriteInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _code.AddRange(bytes);
    }

    private void WriteRegions(BinaryWriter writer, System.Collections.Immutable.ImmutableArray<ExceptionRegion> regions)
    {
        while (writer.BaseStream.Length % 4 != 0)
            writer.Write((byte)0);
        writer.Write(0x41 | ((4 + (24 * regions.Length)) << 8));
        foreach (var region in regions)
        {
            writer.Write((int)region.Kind);
            WriteRange(writer, region.TryOffset, region.TryLength);
            WriteRange(writer, region.HandlerOffset, region.HandlerLength);
            writer.Write(region.Kind switch
            {
                ExceptionRegionKind.Catch => System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(region.CatchType),
                ExceptionRegionKind.Filter => _places[region.FilterOffset],
                _ => 0,
            });
        }
    }

    private void WriteRange(BinaryWriter writer, int offset, int length)
    {
        writer.Write(_places[offset]);
        writer.Write(_places[offset + length] - _places[offset]);
    }
}
