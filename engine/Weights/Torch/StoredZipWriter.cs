using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Writes a ZIP archive of stored records as PyTorch lays them out: the bytes of each begin at a multiple of 64, so
/// that a mapped file can be used in place.
/// </summary>
internal sealed class StoredZipWriter(Stream stream)
{
    private const int Alignment = 64, LocalHeaderLength = 30, PaddingHeaderLength = 4;
    private const int MostRecords = 65_000;
    private const ushort PaddingField = 0x4246, FirstDay = 0x21, Version = 20, Utf8Names = 0x0800;
    private readonly List<(byte[] Name, uint Crc, int Length, uint Offset)> _records = [];
    private long _position;

    public void Add(string name, ReadOnlyMemory<byte> data)
    {
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var crc = Crc32.HashToUInt32(data.Span);
        var before = _position + LocalHeaderLength + nameBytes.Length + PaddingHeaderLength;
        var padding = (int)((Alignment - before % Alignment) % Alignment);
        if (before + padding + data.Length > uint.MaxValue)
            throw new InputException("the weights take more than 4 GiB; write them as .safetensors");
        if (_records.Count == MostRecords)
            throw new InputException($"the weights are more than {MostRecords} tensors; write them as .safetensors");
        _records.Add((nameBytes, crc, data.Length, (uint)_position));
        Write(
            0x04034b50u, Version, Utf8Names, (ushort)0, (ushort)0, FirstDay, crc, (uint)data.Length, (uint)data.Length,
            (ushort)nameBytes.Length, (ushort)(PaddingHeaderLength + padding));
        Write(nameBytes);
        Write(PaddingField, (ushort)padding);
        Write(new byte[padding]);
        Write(data.Span);
    }

    public void Finish()
    {
        var begin = _position;
        foreach (var (name, crc, length, offset) in _records)
        {
            Write(
                0x02014b50u, Version, Version, Utf8Names, (ushort)0, (ushort)0, FirstDay, crc, (uint)length,
                (uint)length, (ushort)name.Length, (ushort)0, (ushort)0, (ushort)0, (ushort)0, 0u, offset);
            Write(name);
        }
        Write(
            0x06054b50u, (ushort)0, (ushort)0, (ushort)_records.Count, (ushort)_records.Count,
            (uint)(_position - begin), (uint)begin, (ushort)0);
    }

    // Numbers of two or four bytes, by their type.
    private void Write(params ReadOnlySpan<object> numbers)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var number in numbers)
        {
            if (number is ushort small)
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, small);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)number);
            Write(bytes[..(number is ushort ? 2 : 4)]);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }
}
