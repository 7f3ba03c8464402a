using System.Buffers.Binary;
using System.Text;

namespace Flixstock.Fuzz;

/// <summary>Makes pickles of every construction that files of weights have, mostly right: what changes of seeds reach by luck only.</summary>
internal sealed class PickleMaker(Random random, bool legacy)
{
    private const int Deepest = 3, WrongOneIn = 40;
    private static readonly (string Name, int Size)[] Types = [("Float", 4), ("Half", 2), ("Byte", 1), ("Long", 8), ("BFloat16", 2)];
    private static readonly string[] Named = ["argparse\nNamespace\n", "pathlib\nPosixPath\n", "collections\nOrderedDict\n", "collections\ndefaultdict\n", "torch\nSize\n", "torch\nFloatStorage\n", "torch._utils\n_rebuild_tensor_v2\n", "os\nsystem\n", "\nx\n", "x\n\n", "builtins\r\ndict\r\n"];
    private static readonly string[] Texts = ["", "a.weight", "module.b", "0", "17", "model", "storage", "é", "\0"];
    private static readonly string[] Prefixes = ["", "", "module."];
    private static readonly string[] TimmNames = ["conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"];
    private static readonly int[] Wrongs = [-1, int.MinValue, int.MaxValue, 65536];
    private readonly List<byte> _bytes = [0x80, 2];

    /// <summary>Bytes of every storage that the pickle refers to.</summary>
    public SortedDictionary<string, int> Storages { get; } = new(StringComparer.Ordinal);

    /// <summary>A pickle of one value.</summary>
    public byte[] Make(Action value)
    {
        value();
        Byte('.');
        return [.. _bytes];
    }

    /// <summary>What a checkpoint holds.</summary>
    public void Checkpoint()
    {
        Or(() => Items(ordered: random.Next(2) == 0, () =>
        {
            var prefix = Prefixes[random.Next(Prefixes.Length)];
            if (random.Next(2) == 0)
                Tensors(prefix);
            else
                Pair("model", () => Items(ordered: true, () => Tensors(prefix)));
            if (random.Next(2) == 0)
                Pair("num_classes", () => Or(() => Number(random.Next(4)), 4));
            if (random.Next(2) == 0)
                Pair("idx_to_class", () => Or(() => Items(ordered: false, Names), 8));
            if (random.Next(2) == 0)
                Pair("metadata", () => Or(() => Items(ordered: false, Metadata), 8));
            for (var i = random.Next(12) == 0 ? 10 : random.Next(3); i > 0; i--)
                Pair($"extra{i}", () => Value(Deepest));
        }));
    }

    /// <summary>Any value.</summary>
    public void Value(int depth)
    {
        switch (random.Next(depth > 0 ? 22 : 8))
        {
            case 0: Byte("N\x88\x89])}\x8f"[random.Next(7)]); break;
            case 1: Number(random.Next(300)); break;
            case 2: Text(Texts[random.Next(Texts.Length)]); break;
            case 3: Bytes('C', 3, 1, 2, 3); break;
            case 4: Bytes('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0); break;
            case 5: LongNumber(); break;
            case 6: Name(Named[random.Next(Named.Length)]); break;
            case 7: Bytes('h', random.Next(3)); break;
            case 8: Many('(', 't', depth); break;
            case 9: Many('(', 'l', depth); break;
            case 10: Many('(', '\x91', depth); break;
            case 11: Byte(']'); Many('(', 'e', depth); break;
            case 12: Byte('\x8f'); Many('(', '\x90', depth); break;
            case 13: Byte('}'); Value(0); Value(depth - 1); Byte('s'); break;
            case 14: Byte('('); Value(0); Value(depth - 1); Byte('d'); break;
            case 15: Value(depth - 1); Bytes('q', random.Next(3)); break;
            case 16: Call(depth); break;
            case 17: Object(depth); break;
            case 18: Tensor(); break;
            case 19: Parameter(); break;
            case 20: ByStack(depth); break;
            default: Doubled(); break;
        }
    }

    private void Tensors(string prefix)
    {
        if (random.Next(4) == 0)
        {
            foreach (var name in TimmNames.Where(_ => random.Next(10) > 0))
                Pair($"{prefix}body.conv1.{name}", () => Or(Tensor));
            return;
        }
        for (var i = random.Next(1, 4); i > 0; i--)
            Pair($"{prefix}{i}.weight", () => Or(random.Next(2) == 0 ? Parameter : Tensor));
    }

    private void Names()
    {
        for (var i = 0; i < 3; i++)
        {
            var number = i;
            Or(() => { if (number == 1) Text("1"); else Number(number); }, 12);
            Or(() => Text($"/m/{number}"), 12);
        }
    }

    private void Metadata()
    {
        for (var i = 0; i < 2; i++)
        {
            var number = i;
            Or(() => Text($"key{number}"), 6);
            Or(() => Text("text"), 6);
        }
    }

    private void Items(bool ordered, Action pairs)
    {
        if (!ordered)
            Byte('}');
        else
            Ascii("ccollections\nOrderedDict\n)R");
        Byte('(');
        pairs();
        Byte('u');
    }

    private void Pair(string key, Action value)
    {
        Text(key);
        value();
    }

    private void Tensor()
    {
        var (extent, other) = (random.Next(4), random.Next(1, 4));
        Ascii(random.Next(6) == 0 ? "ctorch._utils\n_rebuild_tensor\n(" : "ctorch._utils\n_rebuild_tensor_v2\n(");
        Or(() => Storage(extent * other));
        Or(() => Number(0));
        Or(random.Next(WrongOneIn) == 0 ? Huge : random.Next(WrongOneIn) == 0 ? TooLong : () => Pair(extent, other));
        Or(random.Next(WrongOneIn) == 0 ? Huge : () => { if (random.Next(2) == 0) Pair(other, 1); else Pair(1, Math.Max(1, extent)); });
        if (random.Next(10) > 0)
            Bytes('\x89', '}');
        if (random.Next(WrongOneIn) == 0)
            Byte('1');
        Or(() => Byte('t'));
        Byte('R');
    }

    // 2^93 elements
    private void Huge() => Ascii("J\u00ff\u00ff\u00ff\u007f22\u0087");

    private void TooLong() => Ascii("\x8a\u0005\u0000\u0000\u0000\u0000\u0001\x85");

    private void Pair(int a, int b)
    {
        Number(a);
        Number(b);
        Byte('\x86');
    }

    private void Parameter()
    {
        Ascii("ctorch._utils\n_rebuild_parameter\n(");
        Or(Tensor);
        Or(() => Byte('\x88'));
        Ascii("}tR");
    }

    // ('storage', class, key, location, count), and None in the legacy format.
    private void Storage(int count)
    {
        var (name, size) = Types[random.Next(Types.Length)];
        var key = random.Next(WrongOneIn) == 0 ? new[] { "", "a/b", new string('7', 101) }[random.Next(3)] : $"{(random.Next(5) == 0 ? 0 : Storages.Count)}";
        Byte('(');
        Or(() => Text("storage"));
        Or(() => Name($"torch\n{name}Storage\n"));
        Or(() => Text(key));
        Or(() => Text("cuda:0"));
        Or(() => Number(count));
        if (legacy)
            Or(() => Byte('N'));
        Ascii("tQ");
        Storages.TryAdd(key, count * size);
    }

    // An ordered dictionary of pairs, or a name on the list called with anything.
    private void Call(int depth)
    {
        if (random.Next(4) == 0)
        {
            Ascii("ccollections\nOrderedDict\n](");
            for (var i = random.Next(3); i > 0; i--)
                Or(() => Pair(i, 2), 8);
            Ascii("e\x85R");
            return;
        }
        Name(random.Next(3) == 0 ? "builtins\nset\n" : Named[random.Next(Named.Length)]);
        if (random.Next(3) == 0)
            Byte(')');
        else
            Or(() => { Byte(']'); Many('(', 'e', depth); Byte('\x85'); }, 6);
        Byte('R');
        if (random.Next(4) == 0)
            Ascii("K\u0001K\u0002s");
    }

    private void Object(int depth)
    {
        Or(() => Name(Named[random.Next(3)]));
        Or(() => Byte(random.Next(10) == 0 ? ']' : ')'));
        Byte("\x81R"[random.Next(2)]);
        if (random.Next(2) == 0)
        {
            Value(depth - 1);
            Byte('b');
        }
        if (random.Next(4) == 0)
            Ascii("K\u0001K\u0002s");
    }

    private void ByStack(int depth)
    {
        Or(() => Text("torch"), 4);
        Or(() => Text("Size"), 4);
        Byte('\x93');
        if (random.Next(2) == 0)
            Ascii("(2100"); // a mark, twice the same value, all taken off again
        Value(depth - 1);
        Byte('0');
    }

    // Small in the file and huge when written out: more than a million values, or values waiting, or deep.
    private void Doubled()
    {
        var form = random.Next(40);
        if (form == 0)
            _bytes.AddRange(Enumerable.Repeat((byte)"N("[random.Next(2)], 1_000_100));
        else if (form < 4)
            Ascii("N" + string.Concat(Enumerable.Repeat("\x85", 150)));
        else if (form < 8)
            Ascii("N" + string.Concat(Enumerable.Repeat("2\x86", 30)));
        else
            Number(2);
    }

    private void Many(char open, char close, int depth)
    {
        Byte(open);
        for (var i = random.Next(4); i > 0; i--)
            Value(depth - 1);
        Byte(close);
    }

    private void Or(Action right, int wrongOneIn = WrongOneIn)
    {
        if (random.Next(wrongOneIn) == 0)
            Value(1);
        else
            right();
    }

    private void Name(string name) => Ascii("c" + name);

    private void Number(int value)
    {
        if (random.Next(WrongOneIn) == 0)
            value = Wrongs[random.Next(Wrongs.Length)];
        if (value is < 0 or > ushort.MaxValue)
            Bytes('J', value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255);
        else if (value < 256)
            Bytes('K', value);
        else
            Bytes('M', value & 255, value >> 8);
    }

    private void LongNumber()
    {
        var bytes = new byte[random.Next(12)];
        random.NextBytes(bytes);
        Bytes('\x8a', bytes.Length);
        _bytes.AddRange(bytes);
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _bytes.AddRange([(byte)'X', .. length, .. bytes]);
    }

    private void Byte(int value) => _bytes.Add((byte)value);

    private void Bytes(params ReadOnlySpan<int> values)
    {
        foreach (var value in values)
            Byte(value);
    }

    private void Ascii(string text)
    {
        foreach (var character in text)
            Byte(character);
    }
}
