using System.Text;

namespace Flixstock.Fuzz;

/// <summary>Makes files from nothing, mostly right: ZIP, legacy and safetensors.</summary>
internal sealed class FileMaker(Random random, long[] numbers)
{
    private const int WrongOneIn = 12;

    /// <summary>A PyTorch archive.</summary>
    public byte[] Archive()
    {
        if (random.Next(30) == 0)
            return random.Next(2) == 0 ? new ArchiveMaker(random, numbers).Make([]) : [.. "PK"u8, (byte)random.Next(3, 6), (byte)random.Next(8)];
        var maker = new PickleMaker(random, legacy: false);
        var pickle = maker.Make(maker.Checkpoint);
        var records = new List<KeyValuePair<string, byte[]>> { new("made/data.pkl", Rarely() ? [.. pickle, 0] : pickle) };
        if (random.Next(2) == 0)
            records.Add(new("made/byteorder", Encoding.ASCII.GetBytes(Rarely() ? "big" : "little")));
        foreach (var (key, length) in maker.Storages)
            records.Add(new($"made/data/{key}", Data(length)));
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
        file.AddRange(Rarely() ? "\u0002}."u8 : [0x80, 2, (byte)'}', (byte)'X', 13, 0, 0, 0, .. "little_endian"u8, Rarely() ? (byte)(random.Next(2) == 0 ? 'N' : 0x89) : (byte)0x88, (byte)'s', (byte)'.']);
        file.AddRange(root);
        if (Rarely())
            file.AddRange("N."u8);
        file.AddRange([0x80, 2, (byte)']', (byte)'(']);
        foreach (var key in keys)
            file.AddRange(Rarely() ? "N"u8 : [(byte)'U', (byte)Math.Min(key.Length, 255), .. Encoding.ASCII.GetBytes(key)]);
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
            var begin = Rarely() ? end + random.Next(-8, 9) : end;
            end = begin + (extent * 2 * 4);
            entries.Add($"\"{(Rarely() ? "t1" : $"t{i}")}\":{{\"dtype\":{Wrong("\"F32\"")},\"shape\":{Shape(extent)},\"data_offsets\":{Wrong($"[{Wrong($"{begin}")},{Wrong($"{end}")}]")}}}");
        }
        for (var i = random.Next(3); i > 0; i--)
            entries.Add($"\"__metadata__\":{Wrong($"{{\"a\":\"b\",\"{(Rarely() ? "a" : "c")}\":{Wrong("\"d\"")}}}")}");
        var header = Encoding.UTF8.GetBytes("{" + string.Join(',', entries.OrderBy(_ => random.Next())) + "}");
        return [.. BitConverter.GetBytes(Rarely() ? numbers[random.Next(numbers.Length)] : header.Length), .. header, .. new byte[Math.Max(0, end + (Rarely() ? random.Next(-4, 5) : 0))]];
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
