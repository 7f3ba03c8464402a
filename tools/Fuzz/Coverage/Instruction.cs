using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace Flixstock.Fuzz;

/// <summary>An instruction of a method's body (ECMA-335, partition III).</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">All of it, with its operand.</param>
/// <param name="OpCode">What it does.</param>
internal sealed record Instruction(int Offset, ReadOnlyMemory<byte> Bytes, OpCode OpCode)
{
    private static readonly Dictionary<int, OpCode> All = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>Where the next one begins.</summary>
    public int End => Offset + Bytes.Length;

    /// <summary>True if it may lead to one of several places.</summary>
    public bool IsConditional => OpCode.FlowControl == FlowControl.Cond_Branch;

    /// <summary>Where it may jump to, in the order of its operand; without the next instruction.</summary>
    public IReadOnlyList<int> Targets => OpCode.OperandType switch
    {
        OperandType.ShortInlineBrTarget => [End + (sbyte)Bytes.Span[^1]],
        OperandType.InlineBrTarget => [End + BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span[^4..])],
        OperandType.InlineSwitch => [.. Enumerable.Range(0, (Bytes.Length - 5) / 4).Select(i => End + BinaryPrimitives.ReadInt32LittleEndian(Bytes.Span[(5 + (4 * i))..]))],
        _ => [],
    };

    /// <summary>The code of the form with 32-bit distances. Short forms lie 13 before the long ones; leave is the exception.</summary>
    public byte LongCode => (OpCode.OperandType, OpCode.Value) switch
    {
        (OperandType.ShortInlineBrTarget, 0xde) => 0xdd,
        (OperandType.ShortInlineBrTarget, var code) => (byte)(code + 13),
        (_, var code) => (byte)code,
    };

    /// <summary>The instructions of a body.</summary>
    public static IReadOnlyList<Instruction> Decode(ReadOnlyMemory<byte> body)
    {
        var result = new List<Instruction>();
        for (var at = 0; at < body.Length; at = result[^1].End)
        {
            var bytes = body.Span[at..];
            var code = All[bytes[0] == 0xfe ? 0xfe00 | bytes[1] : bytes[0]];
            result.Add(new Instruction(at, body.Slice(at, code.Size + OperandLength(code, bytes[code.Size..])), code));
        }
        return result;
    }

    private static int OperandLength(OpCode code, ReadOnlySpan<byte> operand) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(operand)),
        _ => 4,
    };
}
