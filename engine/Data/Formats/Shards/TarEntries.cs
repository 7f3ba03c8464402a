using System.Text;

namespace Flixstock.Engine;

/// <summary>A file in a tar file.</summary>
/// <param name="Name">Name with its folders.</param>
/// <param name="Offset">Offset of its bytes.</param>
/// <param name="Length">Number of bytes.</param>
internal readonly record struct TarMember(string Name, long Offset, long Length);

/// <summary>
/// Lists a tar file by its headers alone: the place of each file, so that any can be read later without those before
/// it. ustar, and the longer names of GNU and pax.
/// </summary>
internal static class TarEntries
{
    private const int Block = 512;
    private const long LongestName = 1 << 20;

    /// <summary>The files in a tar file, in its order.</summary>
    /// <exception cref="InputException">The file is no tar file or was cut; names the byte.</exception>
    public static IEnumerable<TarMember> Read(string path, Stream stream, CancellationToken cancellation = default)
    {
        var header = new byte[Block];
        string? longName = null;
        long position = 0;
        while (position < stream.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var start = position;
            ReadExactly(path, stream, header, position);
            position += Block;
            if (!header.AsSpan().ContainsAnyExcept((byte)0))
                yield break;
            CheckSum(path, header, start);
            var size = Number(path, header.AsSpan(124, 12), start);
            if (size < 0 || size > stream.Length - position)
            {
                throw new InputException(
                    $"{path}: byte {start}: the file was cut within '{longName ?? Name(header)}'; copy it again");
            }
            var type = (char)header[156];
            if (type is 'L' or 'x')
                longName = LongName(path, stream, position, size, type) ?? longName;
            else if (type is '0' or '\0')
                yield return new TarMember(Plain(path, longName ?? Name(header), start), position, size);
            if (type is not ('L' or 'x' or 'g'))
                longName = null;
            position += (size + Block - 1) / Block * Block;
        }
        throw new InputException(
            $"{path}: byte {stream.Length}: the file was cut: its end mark is missing; copy it again");
    }

    private static void ReadExactly(string path, Stream stream, Span<byte> bytes, long position)
    {
        try
        {
            stream.Position = position;
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException e)
        {
            throw new InputException($"{path}: byte {position}: the file was cut; copy it again", e);
        }
    }

    private static void CheckSum(string path, ReadOnlySpan<byte> header, long start)
    {
        var sum = 8 * ' '; // the sum's own place is taken as blanks
        for (var i = 0; i < Block; i++)
            sum += i is >= 148 and < 156 ? 0 : header[i];
        if (Number(path, header.Slice(148, 8), start) != sum)
            throw NoTar(path, start);
    }

    private static InputException NoTar(string path, long start) =>
        new($"{path}: byte {start}: no header of a tar file is there; copy the file again, or unpack it first if it "
            + $"is compressed");

    private static long Number(string path, ReadOnlySpan<byte> field, long start)
    {
        long value = 0;
        if ((field[0] & 0x80) != 0) // base 256, for large files
        {
            foreach (var part in field[^8..])
                value = (value << 8) | part;
            return value;
        }
        foreach (var character in field.Trim((byte)' ').TrimEnd((byte)0).Trim((byte)' '))
        {
            value =
                character is >= (byte)'0' and <= (byte)'7' ? (value * 8) + character - '0' : throw NoTar(path, start);
        }
        return value;
    }

    private static string Name(ReadOnlySpan<byte> header)
    {
        var name = Text(header[..100]);
        var prefix =
            header.Slice(257, 5).SequenceEqual("ustar"u8) && header[262] == 0 ? Text(header.Slice(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    // No system has a file of such a name; it would be cut off there, or end a command that writes it.
    private static string Plain(string path, string name, long start) => name.Contains('\0', StringComparison.Ordinal)
        ? throw new InputException(
            $"{path}: byte {start}: the name '{name.Replace('\0', ' ')}' holds a zero byte; make the file again")
        : name;

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    private static string? LongName(string path, Stream stream, long position, long size, char type)
    {
        if (size > LongestName)
            throw new InputException($"{path}: byte {position}: a name of {size} bytes; make the file again");
        var bytes = new byte[size];
        ReadExactly(path, stream, bytes, position);
        if (type == 'L')
            return Text(bytes);
        // pax: lines of "length key=value\n"
        for (var rest = bytes.AsSpan(); rest.IndexOf((byte)' ') is > 0 and var blank;)
        {
            if (!int.TryParse(rest[..blank], out var length) || length <= blank + 1 || length > rest.Length)
                return null;
            if (rest[(blank + 1)..length].StartsWith("path="u8))
                return Encoding.UTF8.GetString(rest[(blank + 6)..length].TrimEnd((byte)'\n'));
            rest = rest[length..];
        }
        return null;
    }
}
