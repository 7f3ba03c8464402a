namespace Flixstock.Fuzz;

// Values of every kind: tensors, calls, objects, collections.
internal sealed partial class PickleMaker
{
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
}
