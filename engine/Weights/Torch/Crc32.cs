using System.Runtime.CompilerServices;

namespace Flixstock.Engine;

/// <summary>The check sum of ZIP archives (polynomial 0xEDB88320), eight bytes at a time.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = MakeTable();

    // Optimized from the first call: there may be only one, over hundreds of megabytes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            var low = crc ^ BitConverter.ToUInt32(bytes);
            var high = BitConverter.ToUInt32(bytes[4..]);
            crc = Table[1792 + (low & 255)] ^ Table[1536 + ((low >> 8) & 255)] ^ Table[1280 + ((low >> 16) & 255)] ^ Table[1024 + (low >> 24)]
                ^ Table[768 + (high & 255)] ^ Table[512 + ((high >> 8) & 255)] ^ Table[256 + ((high >> 16) & 255)] ^ Table[high >> 24];
            bytes = bytes[8..];
        }
        foreach (var value in bytes)
            crc = (crc >> 8) ^ Table[(crc ^ value) & 255];
        return ~crc;
    }

    // Row r: the effect of a byte that r further bytes follow.
    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
            table[i] = value;
        }
        for (var i = 256; i < table.Length; i++)
            table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 255];
        return table;
    }
}
