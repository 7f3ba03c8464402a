using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Flixstock.Engine;

/// <summary>
/// TensorFlow's record format, of which TensorBoard's event files consist: length (8 bytes, little-endian), masked
/// CRC-32C of the length, the data, masked CRC-32C of the data.
/// https://www.tensorflow.org/tutorials/load_data/tfrecord
/// </summary>
internal static class EventRecords
{
    private const int LengthBytes = 8, ChecksumBytes = 4;
    private const uint MaskDelta = 0xA282EAD8;

    /// <summary>An event as a record.</summary>
    public static byte[] Write(Event entry)
    {
        var size = entry.CalculateSize();
        var record = new byte[LengthBytes + ChecksumBytes + size + ChecksumBytes];
        var data = record.AsSpan(LengthBytes + ChecksumBytes, size);
        BinaryPrimitives.WriteInt64LittleEndian(record, size);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(LengthBytes), Masked(record.AsSpan(0, LengthBytes)));
        entry.WriteTo(data);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(^ChecksumBytes..), Masked(data));
        return record;
    }

    /// <summary>
    /// The events of a file up to the first record that is cut off or damaged; a process that was killed may have left
    /// one.
    /// </summary>
    public static IEnumerable<(Event Entry, ReadOnlyMemory<byte> Record)> Read(ReadOnlyMemory<byte> file)
    {
        while (One(file.Span) is { } record)
        {
            var data = file[(LengthBytes + ChecksumBytes)..(record - ChecksumBytes)];
            if (Parse(data) is not { } entry)
                yield break;
            yield return (entry, file[..record]);
            file = file[record..];
        }
    }

    // Bytes of the first record; null if there is none that is whole.
    private static int? One(ReadOnlySpan<byte> file)
    {
        const int Around = LengthBytes + ChecksumBytes + ChecksumBytes;
        if (file.Length < Around || Masked(file[..LengthBytes]) != Checksum(file[LengthBytes..]))
            return null;
        var length = BinaryPrimitives.ReadInt64LittleEndian(file);
        if (length < 0 || length > file.Length - Around)
            return null;
        var data = file.Slice(LengthBytes + ChecksumBytes, (int)length);
        return Masked(data) == Checksum(file[(LengthBytes + ChecksumBytes + (int)length)..])
            ? Around + (int)length
            : null;
    }

    private static Event? Parse(ReadOnlyMemory<byte> data)
    {
        try
        {
            return Event.Parser.ParseFrom(data.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return null; // its checksum is right: another program's
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    // A CRC of data that contains CRCs is weak, so stored ones are rotated and shifted.
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
