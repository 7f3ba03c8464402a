using System.Buffers.Binary;

namespace Flixstock.Engine;

/// <summary>A place in bytes that moves forward and never past their end.</summary>
internal sealed class ByteCursor(ReadOnlyMemory<byte> bytes)
{
    public int Position { get; private set; }

    public int Left => bytes.Length - Position;

    public byte Byte() => Take(1).Span[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2).Span);

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span);

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span);

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

    /// <summary>Big endian, the one number of pickles that is.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8).Span);

    public ReadOnlyMemory<byte> Take(long count)
    {
        if (count < 0 || count > Left)
            throw new InputException($"it is cut off: {count} bytes are expected at byte {Position}, {Left} are there");
        var taken = bytes.Slice(Position, (int)count);
        Position += (int)count;
        return taken;
    }

    /// <summary>Bytes up to a line feed, which is skipped.</summary>
    public ReadOnlyMemory<byte> Line(int most)
    {
        var length = bytes.Span.Slice(Position, Math.Min(Left, most)).IndexOf((byte)'\n');
        if (length < 0)
            throw new InputException($"a name at byte {Position} has no end");
        var line = Take(length);
        Position++;
        return line;
    }
}
