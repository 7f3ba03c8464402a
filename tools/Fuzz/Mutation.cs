using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Flixstock.Fuzz;

/// <summary>What was changed of a file.</summary>
public enum MutationKind
{
    /// <summary>Bytes anywhere: most die at a checksum or a signature.</summary>
    Raw,
    /// <summary>A pickle, zipped again with right checksums.</summary>
    Pickle,
    /// <summary>The pickles of a legacy file, which has no checksums.</summary>
    Legacy,
    /// <summary>The records of an archive: names, missing, double, other lengths; zipped again.</summary>
    Records,
    /// <summary>The header of a safetensors file, with its right length.</summary>
    Header,
    /// <summary>Nothing: made anew, mostly right, with right checksums.</summary>
    Made,
    /// <summary>Made anew: another kind of file, or the list of a model's files.</summary>
    Foreign,
}

/// <summary>Makes broken files out of good ones; the same seed gives the same file.</summary>
public sealed class Mutation(Random random)
{
    // Every opcode that pickles have, so that most changes stay pickles.
    private static readonly byte[] Opcodes =
    [
        .. "(.012FIJKLMNPQRSTUVXabcdeghijlopqrstu}])GBC"u8, 0x80, 0x81, 0x82, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b,
        0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
    ];

    private static readonly string[] Globals =
    [
        "cposix\nsystem\n", "cbuiltins\neval\n", "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n",
        "ctorch\nFloatStorage\n", "cargparse\nNamespace\n", "ctorch\nSize\n", "cbuiltins\nset\n",
    ];

    private static readonly long[] Numbers =
    [
        0, 1, -1, 127, 255, 65535, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40,
    ];
    private static readonly string[] Names =
    [
        "../../etc/passwd", "/absolute", "a\\b", "archive/data.pkl", "archive/data/0", "data.pkl", "x/constants.pkl",
        "archive/byteorder", "c:evil", ".",
    ];
    private static readonly string[] Values =
    [
        "-1", "0", "9223372036854775807", "99999999999999999999", "1e3", "[]", "{}", "null", "\"F32\"", "\"X\"",
        "2147483647", "[0,0]", "[[[[[[[[1]]]]]]]]",
    ];

    /// <summary>One broken file and what was changed of it.</summary>
    public (byte[] Bytes, MutationKind Kind) Change(FuzzSeed seed)
    {
        var choice = random.Next(20);
        if (choice < 2)
            return (Raw(seed.Bytes), MutationKind.Raw);
        if (choice < 7)
        {
            return random.Next(5) == 0
                ? (new FileMaker(random, Numbers).Foreign(), MutationKind.Foreign)
                : (Made(seed), MutationKind.Made);
        }
        if (seed.IsSafetensors)
            return (Header(seed.Bytes), MutationKind.Header);
        if (!seed.IsZip)
            return (Pickle(seed.Bytes), MutationKind.Legacy);
        return Repack(seed.Bytes, pickle: choice < 19) is { } packed
            ? (packed, choice < 19 ? MutationKind.Pickle : MutationKind.Records)
            : (Made(seed), MutationKind.Made);
    }

    private byte[] Made(FuzzSeed seed)
    {
        var maker = new FileMaker(random, Numbers);
        return seed.IsSafetensors ? maker.Safetensors() : seed.IsZip ? maker.Archive() : maker.Legacy();
    }

    private byte[] Raw(byte[] original)
    {
        if (random.Next(4) == 0)
            return original[..random.Next(original.Length)];
        var bytes = (byte[])original.Clone();
        for (var i = random.Next(1, 8); i > 0; i--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        if (bytes.Length > 12 && random.Next(3) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(
                bytes.AsSpan(random.Next(bytes.Length - 8)), Numbers[random.Next(Numbers.Length)]);
        }
        return bytes;
    }

    private byte[] Pickle(byte[] original)
    {
        var bytes = original.ToList();
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 2; i--)
            ChangePickle(bytes, random.Next(bytes.Count));
        return [.. bytes];
    }

    private void ChangePickle(List<byte> bytes, int at)
    {
        var length = random.Next(1, Math.Min(32, bytes.Count - at) + 1);
        switch (random.Next(9))
        {
            case 0: bytes[at] = Opcodes[random.Next(Opcodes.Length)]; break;
            case 1: bytes.Insert(at, Opcodes[random.Next(Opcodes.Length)]); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break; // twice
            case 4: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length)); break; // elsewhere
            case 5: bytes.InsertRange(at, Encoding.ASCII.GetBytes(Globals[random.Next(Globals.Length)])); break;
            case 6: bytes.InsertRange(at, Number()); break;
            case 7:
                bytes.InsertRange(at, Enumerable.Repeat(Opcodes[random.Next(Opcodes.Length)], random.Next(1, 50_000)));
                break;
            default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
        }
    }

    private byte[] Number()
    {
        var bytes = new byte[10];
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), Numbers[random.Next(Numbers.Length)]);
        (bytes[0], bytes[1]) = (0x8a, 8);
        return random.Next(2) == 0 ? bytes : [Opcodes[random.Next(Opcodes.Length)], .. bytes[2..6]];
    }

    private byte[]? Repack(byte[] original, bool pickle)
    {
        List<KeyValuePair<string, byte[]>> records;
        try
        {
            using var zip = new ZipArchive(new MemoryStream(original));
            records = [.. zip.Entries.Select(entry => KeyValuePair.Create(entry.FullName, Read(entry)))];
        }
        catch (InvalidDataException)
        {
            return null; // the seed is no whole archive
        }
        if (records.Count == 0)
            return null;
        var at = pickle ? records.FindIndex(record => record.Key.EndsWith("data.pkl", StringComparison.Ordinal)) : -1;
        if (at >= 0)
            records[at] = KeyValuePair.Create(records[at].Key, Pickle(records[at].Value));
        else
            ChangeRecords(records);
        return Zip(records, random.Next(8) == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression);
    }

    private void ChangeRecords(List<KeyValuePair<string, byte[]>> records)
    {
        var at = random.Next(records.Count);
        var (name, bytes) = records[at];
        switch (random.Next(6))
        {
            case 0: records.RemoveAt(at); break;
            case 1: records.Add(records[at]); break;
            case 2: records[at] = KeyValuePair.Create(Names[random.Next(Names.Length)], bytes); break;
            case 3: records[at] = KeyValuePair.Create(name, bytes[..random.Next(bytes.Length + 1)]); break;
            case 4: records[at] = KeyValuePair.Create(name, new byte[random.Next(1 << 20)]); break;
            default:
                records.Add(KeyValuePair.Create(Names[random.Next(Names.Length)], new byte[random.Next(200)]));
                break;
        }
    }

    private byte[] Header(byte[] original)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(original);
        var text = Encoding.UTF8.GetString(original, 8, length);
        for (var i = random.Next(1, 4); i > 0 && text.Length > 2; i--)
            text = ChangeText(text);
        var header = Encoding.UTF8.GetBytes(text);
        var claimed = random.Next(10) == 0 ? Numbers[random.Next(Numbers.Length)] : header.Length;
        return [.. BitConverter.GetBytes(claimed), .. header, .. original.AsSpan(8 + length)];
    }

    private string ChangeText(string text)
    {
        var digits = Enumerable.Range(0, text.Length).Where(i => char.IsAsciiDigit(text[i])).ToList();
        var at = digits.Count > 0 && random.Next(3) > 0 ? digits[random.Next(digits.Count)] : random.Next(text.Length);
        return random.Next(5) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, Values[random.Next(Values.Length)]),
            2 => text.Remove(at, 1).Insert(at, random.Next(10).ToString(CultureInfo.InvariantCulture)),
            3 => text.Insert(at, text.Substring(at, random.Next(1, Math.Min(100, text.Length - at) + 1))),
            _ => text.Insert(at, new string("[{\"0"[random.Next(4)], random.Next(1, 5000))),
        };
    }

    private static byte[] Zip(List<KeyValuePair<string, byte[]>> records, CompressionLevel level)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in records)
            {
                using var stream = archive.CreateEntry(name, level).Open();
                stream.Write(bytes);
            }
        }
        return memory.ToArray();
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
