using System.Buffers.Binary;
using System.Text;

namespace Flixstock.Fuzz;

/// <summary>
/// Makes pickles of every construction that files of weights have, mostly right: what changes of seeds reach by luck
/// only.
/// </summary>
internal sealed class PickleMaker(Random random, bool legacy)
{
    private const int Deepest = 3, WrongOneIn = 40;
    private static readonly (string Name, int Size)[] Types =
    [
        ("Float", 4), ("Half", 2), ("Byte", 1), ("Long", 8), ("BFloat16", 2),
    ];
    private static readonly string[] Named =
    [
        "argparse\nNamespace\n", "pathlib\nPosixPath\n", "collections\nOrderedDict\n", "collections\ndefaultdict\n",
        "torch\nSize\n", "torch\nFloatStorage\n", "torch._utils\n_rebuild_tensor_v2\n", "os\nsystem\n",
        "torch.nn.modules.conv\nConv2d\n", "torch.optim.swa_utils\nSWALR._cosine_anneal\n",
        "torch.optim.swa_utils\nSWALR.__init__\n", "a.b\nC.d\n", "\nx\n", "x\n\n", "builtins\r\ndict\r\n",
    ];
    private static readonly string[] Texts = ["", "a.weight", "module.b", "0", "17", "model", "storage", "é", "\0"];
    private static readonly string[] Prefixes = ["", "", "module.", "model.", "net._orig_mod."];
    private static readonly string[] Containers =
    [
        "model", "state_dict", "state_dict_ema", "ema_state_dict", "student", "teacher", "checkpoint",
    ];
    private static readonly string[] Methods = ["_annealing_cos", "__init__", "", "a b", new string('m', 70)];
    private static readonly string[] Classes =
    [
        "torch.optim.lr_scheduler\nOneCycleLR\n", "torch.optim.swa_utils\nSWALR\n", "typing\nUnion\n",
        "builtins\nlist\n", "torch\nSize\n", "torch\nTensor\n",
    ];
    private static readonly string[] Functions = ["__builtin__\ngetattr\n", "builtins\ntype\n", "_operator\ngetitem\n",
        "functools\npartial\n", "builtins\ngetattr\n"];
    private static readonly string[] TimmNames =
    [
        "conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var",
    ];
    private static readonly string[] NetworkNames =
    [
        "body.conv1.0.weight", "body.conv1.1.weight", "body.layer1.0.conv1.0.weight", "body.layer1.0.se.fc1.weight",
        "body.layer2._orig_mod.0.conv1.0.0.weight", "layer3.0.conv2.1.bias",
        "body.layer4.0.downsample.1.0.weight", "body.layer4.0.conv1.1.num_batches_tracked",
        "body.layer2.0.conv1.aa.filt", "head.fc.weight",
    ];

    private static readonly int[] Wrongs = [-1, int.MinValue, int.MaxValue, 65536];
    private readonly List<byte> _bytes = [0x80, 2];
    private bool _faultless; // of many parts nearly all would have a fault

    /// <summary>Bytes of every storage that the pickle refers to.</summary>
    public SortedDictionary<string, int> Storages { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// True if all was made right, with many storages: a fault in one in twelve of them would leave no file whole.
    /// </summary>
    public bool IsFaultless { get; private set; }

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
        if (random.Next(3) == 0)
        {
            IsFaultless = _faultless = true;
            Items(ordered: false, SeveralSets);
            return;
        }
        Or(() => Items(ordered: random.Next(2) == 0, () =>
        {
            var prefix = Prefixes[random.Next(Prefixes.Length)];
            if (random.Next(3) == 0)
                Tensors(prefix);
            for (var i = random.Next(3); i > 0; i--)
                Container(prefix);
            if (random.Next(8) == 0)
                Pair(random.Next(3) == 0 ? new string('e', 250) : "ema", () => Or(Shadow, 4));
            if (random.Next(8) == 0)
                Pair("message_hub", () => Value(1));
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

    // Complete and incomplete sets of the same weights, plain and averaged: what a choice is made from.
    private void SeveralSets()
    {
        var prefix = Prefixes[random.Next(Prefixes.Length)];
        if (random.Next(4) == 0)
            Network(prefix);
        if (random.Next(4) == 0)
            Network("ema_model.");
        foreach (var key in Containers.Where(_ => random.Next(4) == 0))
            Pair(key, () => Items(ordered: true, () => Network(prefix)));
        if (random.Next(12) == 0)
        {
            Pair("more", () => Items(ordered: false, () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    var number = i; Pair(
                $"m{number}", () => Items(ordered: false, () => Network("")));
                }
            }));
        }

        if (random.Next(3) == 0)
            Pair("ema", Shadow);
        if (random.Next(3) == 0)
            Pair("message_hub", () => Byte('}'));
        _faultless = false;
        if (random.Next(2) == 0)
            Pair("scheduler", OnPair);
        if (random.Next(6) == 0)
            Pair("typed", Typed);
        if (random.Next(6) == 0)
            Pair("lines\u2028and\u2029paragraphs", () => Value(1));
    }

    // The weights of a model under one key or two, under the network's names or others.
    private void Container(string prefix)
    {
        void Model() => Items(ordered: true, () => { if (random.Next(3) > 0) Network(prefix); else Tensors(prefix); });
        Pair(Containers[random.Next(Containers.Length)], () => Or(random.Next(4) == 0
            ? () => Items(ordered: false, () => Pair("model", Model)) : Model));
    }

    private void Network(string prefix)
    {
        var before = _faultless;
        _faultless |= random.Next(4) > 0;
        var missing = random.Next(4) == 0;
        foreach (var name in NetworkNames.Where(_ => !missing || random.Next(6) > 0))
            Pair($"{prefix}{name}", Tensor);
        if (random.Next(4) == 0)
            Pair("criterion.pos_weight", Tensor);
        _faultless = before;
    }

    // As torch-ema keeps averages: without names.
    private void Shadow() => Items(ordered: false, () => Pair("shadow_params", () =>
    {
        Ascii("](");
        for (var i = random.Next(12); i > 0; i--)
            Or(Tensor);
        Byte('e');
    }));

    /// <summary>Any value.</summary>
    public void Value(int depth)
    {
        switch (random.Next(depth > 0 ? 25 : 8))
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
            case 21: OnPair(); break;
            case 22: Typed(); break;
            case 23: Dictionary(depth); break;
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
        Ascii(random.Next(6) == 0 ? "ctorch._utils\n_rebuild_tensor\n" : "ctorch._utils\n_rebuild_tensor_v2\n");
        TensorArguments();
        Byte('R');
    }

    private void TensorArguments()
    {
        var (extent, other) = (random.Next(4), random.Next(1, 4));
        Byte('(');
        Or(() => Storage(extent * other));
        Or(() => Number(0));
        Or(Rarely() ? Huge : Rarely() ? TooLong : () => Pair(extent, other));
        Or(Rarely() ? Huge : () => { if (random.Next(2) == 0) Pair(other, 1); else Pair(1, Math.Max(1, extent)); });
        if (random.Next(10) > 0)
            Bytes('\x89', '}');
        if (Rarely())
            Byte('1');
        Or(() => Byte('t'));
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
        var key = Rarely() ? new[] { "", "a/b", new string('7', 101) }[random.Next(3)]
            : $"{(!_faultless && random.Next(5) == 0 ? 0 : Storages.Count)}";
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

    // A function that is harmless with some first arguments only, called or not.
    private void OnPair()
    {
        Name(Functions[random.Next(Functions.Length)]);
        if (random.Next(20) == 0)
            return;
        Byte('(');
        Or(() => Name(Classes[random.Next(Classes.Length)]), 4);
        if (random.Next(3) == 0)
            Ascii(")\x81");
        else if (random.Next(5) == 0)
            Ascii("0N");
        if (random.Next(5) > 0)
            Or(() => Text(Methods[random.Next(3) > 0 ? 0 : random.Next(Methods.Length)]), 12);
        Ascii("tR");
    }

    // A tensor that has attributes, or of a class of its own.
    private void Typed()
    {
        Ascii("ctorch._tensor\n_rebuild_from_type_v2\n(");
        var parameter = random.Next(3) == 0;
        Or(() => Name(parameter ? "torch._utils\n_rebuild_parameter\n" : "torch._utils\n_rebuild_tensor_v2\n"), 8);
        Or(() => Name(new[] { "torch\nTensor\n", "torch.nn.parameter\nParameter\n", "torch.nn.parameter\nBuffer\n",
            "torch\ndevice\n" }[random.Next(4)]), 8);
        if (!parameter)
            Or(TensorArguments, 8);
        else
            Or(() => { Byte('('); Tensor(); Ascii("\x88}t"); }, 8);
        if (random.Next(8) > 0)
            Byte('}');
        Ascii("tR");
    }

    private void Dictionary(int depth) => Items(ordered: false, () =>
    {
        for (var i = random.Next(4); i > 0; i--)
            Pair(Texts[random.Next(Texts.Length)], () => Value(depth - 1));
    });

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
        if (!_faultless && random.Next(wrongOneIn) == 0)
            Value(1);
        else
            right();
    }

    private bool Rarely() => !_faultless && random.Next(WrongOneIn) == 0;

    private void Name(string name) => Ascii("c" + name);

    private void Number(int value)
    {
        if (Rarely())
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
