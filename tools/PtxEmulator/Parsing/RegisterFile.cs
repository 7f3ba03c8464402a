namespace Flixstock.PtxEmulator;

/// <summary>
/// Places in a warp's register file, in bytes. A 64-bit value takes 32 lanes of 8 bytes, every narrower one 32 lanes of
/// 4, a predicate one 32-bit mask. Constants and special registers have places too, filled before the warp starts, so
/// that every operand is an offset.
/// </summary>
internal sealed class RegisterFile
{
    private readonly Dictionary<string, (int Offset, string Type)> _registers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _specials = new(StringComparer.Ordinal);
    private readonly Dictionary<(ulong Bits, int Stride), int> _constants = [];

    /// <summary>Size so far.</summary>
    public int Bytes { get; private set; } = 64;

    public IReadOnlyDictionary<string, int> Specials => _specials;

    public IReadOnlyDictionary<(ulong Bits, int Stride), int> Constants => _constants;

    /// <summary>Registers by name, with their types.</summary>
    public IReadOnlyDictionary<string, (int Offset, string Type)> Registers => _registers;

    public void Declare(string name, string type) =>
        _registers[name] = (Reserve(type == "pred" ? 0 : PtxType.Stride(type)), type);

    public bool TryFind(string name, out int offset, out string type)
    {
        bool found = _registers.TryGetValue(name, out var entry);
        (offset, type) = entry;
        return found;
    }

    public int Constant(ulong bits, int stride)
    {
        if (!_constants.TryGetValue((bits, stride), out int offset))
            _constants[(bits, stride)] = offset = Reserve(stride);
        return offset;
    }

    public int Special(string name)
    {
        if (!_specials.TryGetValue(name, out int offset))
            _specials[name] = offset = Reserve(4);
        return offset;
    }

    private int Reserve(int stride)
    {
        int offset = Bytes;
        Bytes += stride == 0 ? 64 : 32 * stride;
        return offset;
    }
}
