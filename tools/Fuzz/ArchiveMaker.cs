using System.Buffers.Binary;
using System.Text;

namespace Flixstock.Fuzz;

/// <summary>
/// Writes ZIP archives by hand, with the 64-bit extension that no small archive needs, and with faults in any field;
/// checksums of records are right.
/// </summary>
internal sealed class ArchiveMaker(Random random, long[] numbers)
{
    private const int FaultOneIn = 40;
    private readonly List<byte> _bytes = [], _directory = [];
    private readonly bool _wide = random.Next(3) == 0;
    private readonly bool _faulty = random.Next(3) == 0;

    /// <summary>An archive of stored records.</summary>
    public byte[] Make(IEnumerable<KeyValuePair<string, byte[]>> records)
    {
        var count = 0;
        foreach (var (name, bytes) in records)
        {
            Add(Encoding.UTF8.GetBytes(name), bytes);
            count++;
        }
        var (begin, length) = (_bytes.Count, _directory.Count);
        _bytes.AddRange(_directory);
        if (_wide && random.Next(10) > 0)
            End64(count, begin, length);
        Put(_bytes, 4, 0x06054b50);
        Put(_bytes, 4, 0); // disks
        var narrow = !_wide || random.Next(3) == 0;
        Put(_bytes, 2, narrow ? count : 0xffff);
        Put(_bytes, 2, narrow ? count : 0xffff);
        Put(_bytes, 4, _wide && random.Next(3) > 0 ? uint.MaxValue : length);
        Put(_bytes, 4, _wide && random.Next(3) > 0 ? uint.MaxValue : begin);
        Put(_bytes, 2, 0); // comment
        return [.. _bytes];
    }

    private void Add(byte[] name, byte[] bytes)
    {
        var (header, crc, wide) = (_bytes.Count, Crc(bytes), _wide && random.Next(2) == 0);
        Put(_bytes, 4, 0x04034b50);
        Common(_bytes, crc, bytes.Length, name.Length, wide: false, extra: 0);
        _bytes.AddRange(name);
        _bytes.AddRange(bytes);
        var extra = wide ? 28 + 6 : random.Next(4) == 0 ? 6 : 0;
        Put(_directory, 4, 0x02014b50);
        Put(_directory, 2, 45);
        Common(_directory, crc, bytes.Length, name.Length, wide, extra);
        Put(_directory, 2, 0); // comment
        Put(_directory, 8, 0); // disk, attributes
        Put(_directory, 4, wide ? uint.MaxValue : header);
        _directory.AddRange(name);
        if (extra > 0)
            _directory.AddRange([0x55, 0x54, 2, 0, 0, 0]); // some other field
        if (wide)
        {
            Put(_directory, 2, 1);
            Put(_directory, 2, 24);
            Put(_directory, 8, bytes.Length);
            Put(_directory, 8, bytes.Length);
            Put(_directory, 8, header);
        }
    }

    // Version, flags, method, time, checksum, both sizes, both lengths.
    private void Common(List<byte> place, uint crc, int length, int nameLength, bool wide, int extra)
    {
        Put(place, 2, 45);
        Put(place, 2, 0);
        Put(place, 2, 0);
        Put(place, 4, 0);
        Put(place, 4, crc, faults: false);
        Put(place, 4, wide ? uint.MaxValue : length);
        Put(place, 4, wide ? uint.MaxValue : length);
        Put(place, 2, nameLength);
        Put(place, 2, extra);
    }

    private void End64(int count, int begin, int length)
    {
        var at = _bytes.Count;
        Put(_bytes, 4, 0x06064b50);
        Put(_bytes, 8, 44);
        Put(_bytes, 4, 0x2d002d);
        Put(_bytes, 8, 0); // disks
        Put(_bytes, 8, count);
        Put(_bytes, 8, count);
        Put(_bytes, 8, length);
        Put(_bytes, 8, begin);
        Put(_bytes, 4, 0x07064b50);
        Put(_bytes, 4, 0);
        Put(_bytes, 8, at);
        Put(_bytes, 4, 1);
    }

    private void Put(List<byte> place, int size, long value, bool faults = true)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(
            bytes, faults && _faulty && random.Next(FaultOneIn) == 0 ? numbers[random.Next(numbers.Length)] : value);
        place.AddRange(bytes.AsSpan(0, size));
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
