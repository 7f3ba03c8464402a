namespace Flixstock.Fuzz;

/// <summary>
/// Makes pickles of every construction that files of weights have, mostly right: what changes of seeds reach by luck
/// only.
/// </summary>
internal sealed partial class PickleMaker(Random random, bool legacy)
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
                    var number = i;
                    Pair($"m{number}", () => Items(ordered: false, () => Network("")));
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

    private void Or(Action right, int wrongOneIn = WrongOneIn)
    {
        if (!_faultless && random.Next(wrongOneIn) == 0)
            Value(1);
        else
            right();
    }

    private bool Rarely() => !_faultless && random.Next(WrongOneIn) == 0;
}
