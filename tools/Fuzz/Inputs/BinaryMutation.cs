using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Flixstock.Fuzz;

/// <summary>
/// Changes files of bytes; what has check sums gets right ones again, so that readers do not stop there.
/// </summary>
internal sealed class BinaryMutation(Random random)
{
    private const int TarBlock = 512;
    private static readonly uint[] Numbers =
    [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x00FFFFFF, 0x7FFFFFFF, 0x80000000,
        0xFFFFFFFE, 0xFFFFFFFF,
    ];

    /// <summary>Anything anywhere, most of it near the beginning, where headers are.</summary>
    public byte[] Change(byte[] seed)
    {
        var bytes = seed.ToList();
        for (var changes = 1 + random.Next(5); changes > 0 && bytes.Count > 0; changes--)
            ChangeOne(bytes);
        return [.. bytes];
    }

    /// <summary>As the other, the chunks of a PNG with right check sums.</summary>
    public byte[] Png(byte[] seed)
    {
        var bytes = seed.ToArray();
        var places = new List<(int Begin, int Length)>();
        for (var at = 8; at + 12 <= bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            places.Add((at + 8, length));
            at += 12 + length;
        }
        var (begin, size) = places[random.Next(random.Next(3) == 0 ? places.Count : 1)];
        for (var changes = 1 + random.Next(3); changes > 0 && size > 0; changes--)
            Put(bytes, begin + random.Next(size), begin + size);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(begin + size), Crc([.. bytes.AsSpan(begin - 4, size + 4)]));
        return bytes;
    }

    /// <summary>
    /// Headers of a tar file with right sums; at times an entry that claims to be huge, in a file that is as long,
    /// mostly a hole.
    /// </summary>
    public byte[] Tar(byte[] seed)
    {
        var bytes = seed.ToArray();
        var headers = Enumerable.Range(0, bytes.Length / TarBlock).Select(block => block * TarBlock)
            .Where(at => bytes.AsSpan(at + 257, 5).SequenceEqual("ustar"u8)).ToList();
        for (var changes = 1 + random.Next(3); changes > 0; changes--)
        {
            var at = headers[random.Next(headers.Count)];
            ChangeHeader(bytes, at);
            Seal(bytes, at);
        }
        return random.Next(4) == 0 ? Change(bytes) : bytes;
    }

    /// <summary>A changed text, packed again.</summary>
    public byte[] Packed(byte[] seed)
    {
        if (random.Next(6) == 0)
            return Change(seed);
        using var text = new MemoryStream();
        using (var unpacking = new GZipStream(new MemoryStream(seed), CompressionMode.Decompress))
            unpacking.CopyTo(text);
        using var result = new MemoryStream();
        using (var packing = new GZipStream(result, CompressionLevel.Fastest))
            packing.Write(new TextMutation(random).Change(text.ToArray()));
        return result.ToArray();
    }

    private void ChangeHeader(byte[] bytes, int at)
    {
        var name = Encoding.UTF8.GetString(bytes.AsSpan(at, 100)).TrimEnd('\0');
        string[] names =
        [
            "", ".", "..", "../../up.jpg", "/absolute.jpg", "a\0b.jpg", "a\nb.jpg", "x.jpg", "x.json", "x.cls",
            "\u202Ex.jpg", new string('d', 99), name.Replace('.', '/'), name.ToUpperInvariant(), "con.jpg", ".jpg",
        ];
        switch (random.Next(5))
        {
            case 0:
                var chosen = Encoding.UTF8.GetBytes(names[random.Next(names.Length)]);
                bytes.AsSpan(at, 100).Clear();
                chosen.AsSpan(0, Math.Min(100, chosen.Length)).CopyTo(bytes.AsSpan(at));
                break;
            case 1:
                Encoding.ASCII.GetBytes(Convert.ToString(
                    random.Next(3) == 0 ? random.Next(10_000) : Numbers[random.Next(Numbers.Length)],
                    8).PadLeft(11, '0')).CopyTo(bytes, at + 124);
                break;
            case 2: // base 256
                bytes[at + 124] = 0x80;
                BinaryPrimitives.WriteInt64BigEndian(
                    bytes.AsSpan(at + 128), random.Next(2) == 0 ? random.NextInt64() : -random.Next(1000));
                break;
            case 3:
                bytes[at + 156] = (byte)"0125LKxg7S\0"[random.Next(11)];
                break;
            default:
                bytes[at + random.Next(TarBlock)] = (byte)random.Next(256);
                break;
        }
    }

    private static void Seal(byte[] bytes, int at)
    {
        bytes.AsSpan(at + 148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in bytes.AsSpan(at, TarBlock))
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes, at + 148);
    }

    private void ChangeOne(List<byte> bytes)
    {
        var at = random.Next(random.Next(3) == 0 ? bytes.Count : Math.Min(bytes.Count, 64));
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes.RemoveRange(at, Math.Min(random.Next(64), bytes.Count - at));
                break;
            case 2:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(64), bytes.Count - at)));
                break;
            case 3:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                var array = bytes.ToArray();
                Put(array, at, array.Length);
                bytes.Clear();
                bytes.AddRange(array);
                break;
        }
    }

    // A number of one, two or four bytes in either order.
    private void Put(byte[] bytes, int at, int end)
    {
        var number = random.Next(3) == 0 ? (uint)random.Next() : Numbers[random.Next(Numbers.Length)];
        var wide = new byte[4];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteUInt32LittleEndian(wide, number);
        else
            BinaryPrimitives.WriteUInt32BigEndian(wide, number);
        var size = Math.Min(1 << random.Next(3), end - at);
        wide.AsSpan(BitConverter.IsLittleEndian && number > 0xFF ? 0 : 4 - size, size).CopyTo(bytes.AsSpan(at));
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
