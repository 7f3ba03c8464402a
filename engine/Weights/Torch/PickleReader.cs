using System.Numerics;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Reads Python pickles (protocols 2 to 5, https://docs.python.org/3/library/pickletools.html) as data. It executes
/// nothing: names are looked up in <see cref="PickleGlobals"/>, "calls" build our own values, and a pickle that wants
/// anything else is refused by name.
/// </summary>
internal sealed partial class PickleReader(ByteCursor input, ReadBudget budget, Func<TorchList, object> load)
{
    private const int HighestProtocol = 5, DeepestStack = 1_000_000, LongestNumber = 256, LongestName = 1000;
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = []; // heights of the stack
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>Reads one pickle; the input is then at its end.</summary>
    public object? Read()
    {
        while (true)
        {
            var (at, code) = (input.Position, input.Byte());
            if (code == '.')
            {
                var result = Pop();
                return _stack.Count == 0
                    ? result
                    : throw new InputException($"its pickle ends at byte {at} with {_stack.Count} values left over");
            }
            Step(code, at);
        }
    }

    private void Step(byte code, int at)
    {
        if (TryScalar(code) || TryContainer(code) || TryStack(code) || TryObject(code))
            return;
        throw new InputException(code switch
        {
            (byte)'i' or (byte)'o' or 0x92 => $"the pickle's opcode 0x{code:x2} at byte {at} makes an object of a "
                + $"class by its name; files of weights do not need it, nothing was executed",
            0x82 or 0x83 or 0x84 => $"the pickle's opcode 0x{code:x2} at byte {at} names a thing by a registered "
                + $"number; files of weights do not need it, nothing was executed",
            _ => $"the pickle has the unknown opcode 0x{code:x2} at byte {at}",
        });
    }

    private bool TryScalar(byte code)
    {
        switch (code)
        {
            case (byte)'N': Push(null); return true;
            case 0x88: Push(true); return true;
            case 0x89: Push(false); return true;
            case (byte)'K': PushNew((long)input.Byte(), 24); return true;
            case (byte)'M': PushNew((long)input.UInt16(), 24); return true;
            case (byte)'J': PushNew((long)input.Int32(), 24); return true;
            case 0x8a: PushNumber(input.Byte()); return true;
            case 0x8b: PushNumber(input.Int32()); return true;
            case (byte)'G': PushNew(input.Double(), 24); return true;
            case 0x8c or (byte)'U': PushText(input.Byte()); return true;
            case (byte)'X': PushText(input.UInt32()); return true;
            case (byte)'T': PushText(input.Int32()); return true;
            case 0x8d: PushText(input.Int64()); return true;
            case (byte)'C': PushBytes(input.Byte()); return true;
            case (byte)'B': PushBytes(input.UInt32()); return true;
            case 0x8e or 0x96: PushBytes(input.Int64()); return true;
            default: return false;
        }
    }

    private bool TryContainer(byte code)
    {
        switch (code)
        {
            case (byte)'}': PushNew(new TorchDictionary(), 250); return true;
            case (byte)']': PushList(TorchListKind.List, []); return true;
            case (byte)')': PushList(TorchListKind.Tuple, []); return true;
            case 0x8f: PushList(TorchListKind.Set, []); return true;
            case 0x85: PushList(TorchListKind.Tuple, Pop(1)); return true;
            case 0x86: PushList(TorchListKind.Tuple, Pop(2)); return true;
            case 0x87: PushList(TorchListKind.Tuple, Pop(3)); return true;
            case (byte)'t': PushList(TorchListKind.Tuple, PopMark()); return true;
            case (byte)'l': PushList(TorchListKind.List, PopMark()); return true;
            case 0x91: PushList(TorchListKind.Set, PopMark()); return true;
            case (byte)'d': PushDictionary(PopMark()); return true;
            case (byte)'a': Append(Pop(1)); return true;
            case (byte)'e' or 0x90: Append(PopMark()); return true;
            case (byte)'s': SetItems(Pop(2)); return true;
            case (byte)'u': SetItems(PopMark()); return true;
            default: return false;
        }
    }

    private bool TryStack(byte code)
    {
        switch (code)
        {
            case 0x80: RequireProtocol(input.Byte()); return true;
            case 0x95: RequireFrame(input.Int64()); return true;
            case (byte)'(': PushMark(); return true;
            case (byte)'0': PopOrUnmark(); return true;
            case (byte)'1': PopMark(); return true;
            case (byte)'2': Push(Peek()); return true;
            case (byte)'q': Remember(input.Byte()); return true;
            case (byte)'r': Remember(input.UInt32()); return true;
            case 0x94: Remember(_memo.Count); return true;
            case (byte)'h': Push(Recall(input.Byte())); return true;
            case (byte)'j': Push(Recall(input.UInt32())); return true;
            default: return false;
        }
    }

    private static void RequireProtocol(byte protocol)
    {
        if (protocol is < 2 or > HighestProtocol)
        {
            throw new InputException(
                $"its pickle is of protocol {protocol}; protocols 2 to {HighestProtocol} can be read");
        }
    }

    private void RequireFrame(long length)
    {
        if (length < 0 || length > input.Left)
        {
            throw new InputException(
                $"it is cut off: a frame of {length} bytes begins at byte {input.Position}, {input.Left} are there");
        }
    }

    private void PushNumber(int length)
    {
        if (length is < 0 or > LongestNumber)
        {
            throw new InputException(
                $"a number of {length} bytes stands at byte {input.Position}; at most {LongestNumber} are allowed");
        }
        var value = new BigInteger(input.Take(length).Span);
        // As object: two numbers in a choice would both become the wider one.
        PushNew(value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value, 24 + length);
    }

    private void PushText(long length)
    {
        var bytes = input.Take(length);
        budget.Charge(40 + 2 * length);
        Push(Decode(bytes.Span));
    }

    private string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (ArgumentException e)
        {
            throw new InputException($"a text before byte {input.Position} is not UTF-8", e);
        }
    }

    private void PushBytes(long length)
    {
        var bytes = input.Take(length);
        budget.Charge(40 + length);
        Push(bytes.ToArray());
    }
}
