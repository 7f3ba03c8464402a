using System.Buffers.Binary;

namespace Flixstock.Engine;

/// <summary>
/// Checks the directory of a TIFF's first page before the library reads it, which allocates memory for any number of
/// values and strips that it claims.
/// </summary>
internal static class TiffDirectory
{
    private const int MostEntries = 4096, Harmless = 1 << 20;

    // Bytes of a value, by the number of its type.
    private static readonly int[] Sizes = [1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 1, 1, 8, 8, 8];

    /// <summary>
    /// True if what it claims fits into a file of this length; also if it cannot be parsed, since the library then
    /// reports what is wrong.
    /// </summary>
    public static bool IsPossible(ReadOnlySpan<byte> file)
    {
        if (file.Length < 16)
            return true;
        var (little, big) = (file[0] == 'I', file[2] == 43 || file[3] == 43);
        var at = big ? Number(file, 8, 8, little) : Number(file, 4, 4, little);
        var count = Number(file, at, big ? 8 : 2, little);
        at += big ? 8 : 2;
        var fields = new Dictionary<long, long>();
        for (var i = 0L; i < Math.Min(count, MostEntries); i++, at += big ? 20 : 12)
        {
            var (tag, type, values) = (
                Number(file, at, 2, little), Number(file, at + 2, 2, little),
                Number(file, at + 4, big ? 8 : 4, little));
            var size = type >= 0 && type < Sizes.Length ? Sizes[type] : 1;
            if (values > (file.Length + Harmless) / size)
                return false;
            if (values == 1)
                fields.TryAdd(tag, Number(file, at + (big ? 12 : 8), Math.Min(size, big ? 8 : 4), little));
        }
        return Blocks(fields) <= file.Length + Harmless;
    }

    // Each has its own offset in the file.
    private static double Blocks(Dictionary<long, long> fields)
    {
        double Field(long tag, double otherwise) =>
            fields.TryGetValue(tag, out var value) && value > 0 ? value : otherwise;
        var (width, height) = (Field(256, 1), Field(257, 1));
        return fields.ContainsKey(322)
            ? Math.Ceiling(width / Field(322, width)) * Math.Ceiling(height / Field(323, height))
            : Math.Ceiling(height / Field(278, height));
    }

    private static long Number(ReadOnlySpan<byte> file, long at, int size, bool little)
    {
        if (at < 0 || at > file.Length - size)
            return -1;
        var bytes = file.Slice((int)at, size);
        return size switch
        {
            1 => bytes[0],
            2 => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes),
            4 => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes),
            _ => little ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : BinaryPrimitives.ReadInt64BigEndian(bytes),
        };
    }
}
