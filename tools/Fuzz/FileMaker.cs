using System.Text;

namespace Flixstock.Fuzz;

/// <summary>Makes files from nothing, mostly right: ZIP, legacy and safetensors.</summary>
internal sealed class FileMaker(Random random, long[] numbers)
{
    private const int WrongOneIn = 12;
    private static readonly string[] NetworkNames =
    [
        "body.conv1.0.weight", "model.body.conv1.0.weight", "ema.body.conv1.0.weight", "model.head.fc.weight",
        "module.body.conv1.conv.weight",
    ];
    private static readonly string[] FileNames =
    [
        "model-00001-of-00002.safetensors", "../up.safetensors", "", "..", "/absolute", "c:model",
    ];
    private static readonly string[] ForeignRecords =
    [
        "a.npy", "model.weights.h5", "config.json", "metadata.json", "x/y/data.pkl", "inside.pth", "notes.txt",
    ];

    private static readonly byte[][] Beginnings =
    [
        [], [0x89, .. "HDF\r\n\u001a\n"u8], [0x93, .. "NUMPY"u8], [.. "GGUF"u8], [0x1f, 0x8b], [0xff, 0xd8, 0xff],
        [0, 0, 0, 0, .. "TFL3"u8], [8, 1, 0x12], [8, 1, 0x13], [8, 7, 0x12], [8, 7, 0x27], [8, 7, 0x29], [8, 7, 0x1a],
        [8, 7, 0x22], [8, 7, 0x28], [8, 7, 0x32], [8, 7, 0x3a],
        [8, 7, 0x42], [8, 7, 0x41], [8, 30, 0], [8, 0, 1],
        [.. "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n"u8],
        [.. "version https://git-lfs.github.com/spec/v1\nsize x\n"u8], [.. "\uFEFF\n<!DOCTYPE html>"u8],
        [.. "<HTML>"u8], [.. "<p>\n<html>"u8], [.. "<?xml version='1.0'?>"u8], [.. "{\"a\": 1}"u8], [.. "[1]"u8],
        [.. "model_checkpoint_path: 1"u8],
        [.. "a text of more than sixty characters, with nothing in it that anybody knows\r\nx"u8],
        [0x7f, .. "ELF"u8], [1, 2, 3], [.. "a\xC3"u8, 0xff, 0xfe],
        [.. new byte[48], 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb],
    ];

    /// <summary>A PyTorch archive.</summary>
    public byte[] Archive()
    {
        if (random.Next(30) == 0)
        {
            return random.Next(2) == 0
                ? new ArchiveMaker(random, numbers).Make([])
                : [.. "PK"u8, (byte)random.Next(3, 6), (byte)random.Next(8)];
        }
        if (random.Next(12) == 0)
        {
            return new ArchiveMaker(random, numbers).Make(Enumerable.Range(0, random.Next(3)).Select(
                _ => KeyValuePair.Create(ForeignRecords[random.Next(ForeignRecords.Length)], Array.Empty<byte>()))
                .DistinctBy(record => record.Key));
        }

        var maker = new PickleMaker(random, legacy: false);
        var pickle = maker.Make(maker.Checkpoint);
        var records =
            new List<KeyValuePair<string, byte[]>> { new("made/data.pkl", Rarely() ? [.. pickle, 0] : pickle) };
        if (random.Next(2) == 0)
            records.Add(new("made/byteorder", Encoding.ASCII.GetBytes(Rarely() ? "big" : "little")));
        foreach (var (key, length) in maker.Storages)
            records.Add(new($"made/data/{key}", maker.IsFaultless ? new byte[length] : Data(length)));
        if (Rarely())
            records.Add(new(random.Next(2) == 0 ? "made/constants.pkl" : "x/y/data.pkl", []));
        return new ArchiveMaker(random, numbers).Make(records);
    }

    /// <summary>A legacy file.</summary>
    public byte[] Legacy()
    {
        var maker = new PickleMaker(random, legacy: true);
        var root = maker.Make(maker.Checkpoint);
        var keys = maker.Storages.Keys.ToList();
        if (Rarely())
            keys.Add("9");
        var file = new List<byte>();
        file.AddRange([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        file.AddRange([0x80, 2, .. Rarely() ? "N."u8 : [(byte)'M', 0xe9, 3, (byte)'.']]);
        file.AddRange(Rarely()
            ? "\u0002}."u8
            : [
                0x80, 2, (byte)'}', (byte)'X', 13, 0, 0, 0, .. "little_endian"u8,
                Rarely() ? (byte)(random.Next(2) == 0 ? 'N' : 0x89) : (byte)0x88, (byte)'s', (byte)'.',
            ]);
        file.AddRange(root);
        if (Rarely())
            file.AddRange("N."u8);
        file.AddRange([0x80, 2, (byte)']', (byte)'(']);
        foreach (var key in keys)
        {
            file.AddRange(
                Rarely() ? "N"u8 : [(byte)'U', (byte)Math.Min(key.Length, 255), .. Encoding.ASCII.GetBytes(key)]);
        }
        file.AddRange("e."u8);
        foreach (var key in keys)
        {
            var bytes = maker.Storages.GetValueOrDefault(key);
            var count = Rarely() ? numbers[random.Next(numbers.Length)] : bytes / 4;
            file.AddRange([.. BitConverter.GetBytes(count), .. Data(bytes)]);
        }
        return [.. file];
    }

    /// <summary>A safetensors file.</summary>
    public byte[] Safetensors()
    {
        if (random.Next(20) == 0)
            return new byte[random.Next(16)];
        var (entries, end) = (new List<string>(), 0L);
        for (var i = random.Next(4); i > 0; i--)
        {
            var extent = random.Next(4);
            var name = random.Next(4) == 0 ? NetworkNames[random.Next(NetworkNames.Length)] : $"t{i}";
            var begin = Rarely() ? end + random.Next(-8, 9) : end;
            end = begin + (extent * 2 * 4);
            entries.Add($"\"{(Rarely() ? "t1" : name)}\":{{\"dtype\":{Wrong("\"F32\"")},\"shape\":{Shape(extent)}"
                + $",\"data_offsets\":{Wrong($"[{Wrong($"{begin}")},{Wrong($"{end}")}]")}}}");
        }
        for (var i = random.Next(3); i > 0; i--)
            entries.Add($"\"__metadata__\":{Wrong($"{{\"a\":\"b\",\"{(Rarely() ? "a" : "c")}\":{Wrong("\"d\"")}}}")}");
        var header = Encoding.UTF8.GetBytes("{" + string.Join(',', entries.OrderBy(_ => random.Next())) + "}");
        return
        [
            .. BitConverter.GetBytes(Rarely() ? numbers[random.Next(numbers.Length)] : header.Length), .. header,
            .. new byte[Math.Max(0, end + (Rarely() ? random.Next(-4, 5) : 0))],
        ];
    }

    /// <summary>A file of another kind, or what says where a model's files are; cut off at times.</summary>
    public byte[] Foreign()
    {
        var bytes = random.Next(3) == 0
            ? Encoding.UTF8.GetBytes(Index())
            : [.. Beginnings[random.Next(Beginnings.Length)], .. Enumerable.Repeat(
                (byte)(random.Next(2) * 'x'), random.Next(40))];
        if (random.Next(20) == 0)
            bytes = Encoding.ASCII.GetBytes(new string('x', 257) + "ustar" + new string('x', random.Next(20)));
        return Rarely() ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private string Index()
    {
        var entries = Enumerable.Range(0, random.Next(4)).Select(i => $"\"{(Rarely() ? "t" : $"t{i}")}\": "
            + $"{Wrong($"\"{FileNames[Rarely() ? random.Next(FileNames.Length) : 0]}\"")}");
        return $"{(random.Next(3) == 0 ? "\uFEFF \n" : "")}{{\"metadata\": {{}}, \"weight_map\": "
            + $"{Wrong($"{{{string.Join(", ", entries)}}}")}{(Rarely() ? "" : "}")}";
    }

    private string Shape(int extent) => random.Next(WrongOneIn * 2) switch
    {
        0 => $"[{string.Join(',', Enumerable.Repeat(1, 65))}]",
        1 => $"[{string.Join(',', Enumerable.Repeat(int.MaxValue, 5))}]",
        2 => $"[{extent},-2]",
        3 => $"[{extent},2.5]",
        _ => Wrong($"[{extent},2]"),
    };

    private string Wrong(string right) => !Rarely() ? right : random.Next(6) switch
    {
        0 => "null",
        1 => "[]",
        2 => "[0]",
        3 => "9223372036854775808",
        4 => "-1",
        _ => "\"X9\"",
    };

    private byte[] Data(int length) => new byte[Rarely() ? length + random.Next(1, 9) : length];

    private bool Rarely() => random.Next(WrongOneIn) == 0;
}
