using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// The records of a ZIP archive (PKWARE APPNOTE, with its 64-bit extension) in memory. Stored records are slices of the
/// archive; deflated ones are unpacked within the budget. Names are only ever compared, never used as paths; checksums
/// are checked when a record is read.
/// </summary>
internal sealed class ZipRecords
{
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50,
        EntrySignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndLength = 22, LocatorLength = 20, LongestComment = 65535, LocalHeaderLength = 30;
    private const int Stored = 0, Deflated = 8;
    private readonly ReadOnlyMemory<byte> _archive;
    private readonly ReadBudget _budget;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    private sealed record Entry(string Name, int Method, uint Crc, long Packed, long Size, long Header);

    public ZipRecords(ReadOnlyMemory<byte> archive, ReadBudget budget)
    {
        (_archive, _budget) = (archive, budget);
        ReadDirectory();
        RequireApart();
    }

    public IEnumerable<string> Names => _entries.Keys;

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>The bytes of a record.</summary>
    public ReadOnlyMemory<byte> Read(string name)
    {
        _budget.Charge(0); // the place to stop at: the checksum below reads every byte
        var entry = _entries.GetValueOrDefault(name) ?? throw new InputException($"the archive has no record '{name}'");
        var packed = _archive.Slice((int)DataBegin(entry), (int)entry.Packed);
        var bytes = entry.Method == Stored ? packed : Inflate(entry, packed);
        return Crc32.HashToUInt32(bytes.Span) == entry.Crc
            ? bytes
            : throw new InputException($"record '{name}' is damaged: its checksum is wrong");
    }

    private void ReadDirectory()
    {
        var (count, begin, length) = FindDirectory();
        var cursor = new ByteCursor(_archive.Slice((int)begin, (int)length));
        for (long i = 0; i < count; i++)
        {
            _budget.Charge(200);
            var entry = ReadEntry(cursor);
            RequireUsable(entry);
            if (!_entries.TryAdd(entry.Name, entry))
                throw new InputException($"the archive has two records '{Shown(entry.Name)}'");
        }
        if (cursor.Left != 0)
            throw new InputException($"the archive's directory has {cursor.Left} bytes after its {count} records");
    }

    private (long Count, long Begin, long Length) FindDirectory()
    {
        var tail = _archive.Span[^Math.Min(_archive.Length, EndLength + LongestComment)..];
        Span<byte> signature = [0x50, 0x4b, 5, 6];
        var found = tail.Length < EndLength ? -1 : tail[..^(EndLength - 4)].LastIndexOf(signature);
        if (found < 0)
        {
            throw new InputException($"it is a ZIP archive without its directory: the file is cut off after "
                + $"{_archive.Length} bytes; download or copy it again");
        }

        var end = _archive.Length - tail.Length + found;
        var cursor = new ByteCursor(_archive[end..]);
        RequireSignature(cursor, EndSignature, "end");
        var (disk, directoryDisk, onDisk, count) = (cursor.UInt16(), cursor.UInt16(), cursor.UInt16(), cursor.UInt16());
        long length = cursor.UInt32(), begin = cursor.UInt32();
        if (disk != directoryDisk || onDisk != count)
            throw new InputException("it is one part of an archive of several; give the whole archive");
        var directory = count == ushort.MaxValue || length == uint.MaxValue || begin == uint.MaxValue
            ? FindDirectory64(end)
            : (count, begin, length);
        return directory.Item2 >= 0 && directory.Item3 >= 0 && directory.Item2 <= end
            && directory.Item3 <= end - directory.Item2
            ? directory
            : throw new InputException($"the archive's directory claims bytes {directory.Item2} to "
                + $"{(Int128)directory.Item2 + directory.Item3} of {_archive.Length}");
    }

    private (long Count, long Begin, long Length) FindDirectory64(int end)
    {
        if (end < LocatorLength)
            throw new InputException("the archive's 64-bit directory is missing");
        var locator = new ByteCursor(_archive[(end - LocatorLength)..end]);
        RequireSignature(locator, Locator64Signature, "64-bit locator");
        locator.Take(4);
        var at = locator.Int64();
        if (at < 0 || at > end - LocatorLength)
            throw new InputException("the archive's 64-bit directory lies outside the file");
        var cursor = new ByteCursor(_archive[(int)at..end]);
        RequireSignature(cursor, End64Signature, "64-bit end");
        cursor.Take(28); // its length, versions, disks, records on this disk
        var (count, length, begin) = (cursor.Int64(), cursor.Int64(), cursor.Int64());
        return (count, begin, length);
    }

    private static Entry ReadEntry(ByteCursor cursor)
    {
        RequireSignature(cursor, EntrySignature, "directory");
        cursor.Take(4); // versions
        var flags = cursor.UInt16();
        var method = cursor.UInt16();
        cursor.Take(4); // time
        var (crc, packed, size) = (cursor.UInt32(), (long)cursor.UInt32(), (long)cursor.UInt32());
        var (nameLength, extraLength, commentLength) = (cursor.UInt16(), cursor.UInt16(), cursor.UInt16());
        cursor.Take(8); // disk and attributes
        long header = cursor.UInt32();
        var name = Encoding.UTF8.GetString(cursor.Take(nameLength).Span);
        ReadExtra(new ByteCursor(cursor.Take(extraLength)), ref size, ref packed, ref header);
        cursor.Take(commentLength);
        return (flags & 1) == 0
            ? new Entry(name, method, crc, packed, size, header)
            : throw new InputException($"record '{Shown(name)}' is encrypted");
    }

    // Numbers that do not fit 32 bits are in an extra field, in this order, those only.
    private static void ReadExtra(ByteCursor extra, ref long size, ref long packed, ref long header)
    {
        while (extra.Left >= 4)
        {
            var (id, length) = (extra.UInt16(), extra.UInt16());
            var field = new ByteCursor(extra.Take(length));
            if (id != 1)
                continue;
            size = size == uint.MaxValue ? field.Int64() : size;
            packed = packed == uint.MaxValue ? field.Int64() : packed;
            header = header == uint.MaxValue ? field.Int64() : header;
        }
    }

    private void RequireUsable(Entry entry)
    {
        var (name, shown) = (entry.Name, Shown(entry.Name));
        if (name.Length == 0 || name[0] == '/' || name.Contains('\\', StringComparison.Ordinal)
            || name.Contains(':', StringComparison.Ordinal) || name.Split('/').Contains("..")
            || name.Any(char.IsControl))
        {
            throw new InputException($"the archive has a record with the name '{shown}', which leads outside of it");
        }
        if (entry.Method is not (Stored or Deflated))
        {
            throw new InputException(
                $"record '{shown}' is packed by method {entry.Method}; stored and deflated ones can be read");
        }
        if (entry.Packed < 0 || entry.Size < 0 || entry.Header < 0 || entry.Header > _archive.Length
            || entry.Packed > _archive.Length - entry.Header)
        {
            throw new InputException(
                $"record '{shown}' claims {entry.Packed} bytes from byte {entry.Header} of {_archive.Length}");
        }
        if (entry.Method == Stored && entry.Packed != entry.Size)
            throw new InputException($"record '{shown}' is stored but has two sizes, {entry.Packed} and {entry.Size}");
    }

    private long DataBegin(Entry entry)
    {
        var cursor = new ByteCursor(_archive[(int)entry.Header..]);
        RequireSignature(cursor, LocalSignature, "record");
        cursor.Take(22);
        var (nameLength, extraLength) = (cursor.UInt16(), cursor.UInt16());
        if (!Encoding.UTF8.GetString(cursor.Take(nameLength).Span).Equals(entry.Name, StringComparison.Ordinal))
            throw new InputException($"record '{Shown(entry.Name)}' has another name in its own header");
        var begin = entry.Header + LocalHeaderLength + nameLength + extraLength;
        return begin <= _archive.Length && entry.Packed <= _archive.Length - begin
            ? begin
            : throw new InputException(
                $"record '{Shown(entry.Name)}' claims bytes {begin} to {begin + entry.Packed} of {_archive.Length}");
    }

    // Overlapping records are how small archives unpack to huge ones.
    private void RequireApart()
    {
        long end = 0;
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Header))
        {
            if (entry.Header < end)
                throw new InputException($"record '{Shown(entry.Name)}' overlaps another");
            end = DataBegin(entry) + entry.Packed;
        }
    }

    private byte[] Inflate(Entry entry, ReadOnlyMemory<byte> packed)
    {
        _budget.Charge(entry.Size);
        var bytes = new byte[entry.Size];
        try
        {
            using var stream = new DeflateStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            stream.ReadExactly(bytes);
            return stream.ReadByte() < 0
                ? bytes
                : throw new InputException(
                    $"record '{Shown(entry.Name)}' unpacks to more than the {entry.Size} bytes it says");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new InputException($"record '{Shown(entry.Name)}' does not unpack", e);
        }
    }

    private static void RequireSignature(ByteCursor cursor, uint signature, string what)
    {
        if (cursor.UInt32() != signature)
            throw new InputException($"the archive is damaged: a {what} header is not where it should be");
    }

    private static string Shown(string name) => new([.. name.Take(100).Select(c => char.IsControl(c) ? '?' : c)]);
}
