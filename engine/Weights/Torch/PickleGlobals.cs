namespace Flixstock.Engine;

/// <summary>What a name in a pickle stands for.</summary>
internal enum PickleMeaning
{
    Dictionary,
    OrderedDictionary,
    Set,
    Size,
    Storage,
    Tensor,
    Parameter,
    Placeholder,
}

/// <summary>A name in a pickle that is on the list.</summary>
internal sealed record PickleGlobal(string Name, PickleMeaning Meaning, StateType Type = StateType.U8);

/// <summary>
/// The names a PyTorch file may hold. A name is looked up here and nowhere else: none is ever imported or called. Those of classes that real checkpoints
/// carry but that have no meaning for weights become inert placeholders; every other name is refused.
/// </summary>
internal static class PickleGlobals
{
    private static readonly string[] Placeholders =
    [
        "argparse.Namespace", "types.SimpleNamespace", "collections.Counter", "datetime.date", "datetime.datetime", "datetime.timedelta", "datetime.timezone",
        "pathlib.Path", "pathlib.PosixPath", "pathlib.PurePath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib.WindowsPath",
        "numpy.dtype", "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct", "numpy._core.multiarray.scalar",
        "numpy._core.multiarray._reconstruct", "numpy.ndarray", "_codecs.encode", "torch.device", "torch.Generator",
        "torch.float32", "torch.float64", "torch.float16", "torch.bfloat16", "torch.int64", "torch.int32", "torch.int16", "torch.int8", "torch.uint8", "torch.bool",
        "omegaconf.dictconfig.DictConfig", "yacs.config.CfgNode", "easydict.EasyDict", "addict.addict.Dict",
    ];

    /// <summary>PyTorch's names of element types in storages.</summary>
    public static IReadOnlyDictionary<string, StateType> Storages { get; } = new Dictionary<string, StateType>(StringComparer.Ordinal)
    {
        ["Float"] = StateType.F32,
        ["Double"] = StateType.F64,
        ["Half"] = StateType.F16,
        ["BFloat16"] = StateType.BF16,
        ["Long"] = StateType.I64,
        ["Int"] = StateType.I32,
        ["Short"] = StateType.I16,
        ["Char"] = StateType.I8,
        ["Byte"] = StateType.U8,
        ["Bool"] = StateType.Bool,
    };

    private static readonly Dictionary<string, PickleGlobal> Known = All().ToDictionary(item => item.Name, StringComparer.Ordinal);

    /// <summary>The meaning of a name.</summary>
    /// <exception cref="InputException">It is not on the list; names it.</exception>
    public static PickleGlobal Find(string module, string name) => Known.GetValueOrDefault($"{module}.{name}")
        ?? throw new InputException($"it names {Shown(module)}.{Shown(name)}, which is not among the things a file of weights may hold; nothing was executed");

    private static string Shown(string text) => new([.. text.Take(100).Select(c => char.IsControl(c) ? '?' : c)]);

    private static IEnumerable<PickleGlobal> All()
    {
        yield return new("collections.OrderedDict", PickleMeaning.OrderedDictionary);
        yield return new("collections.defaultdict", PickleMeaning.Dictionary);
        yield return new("builtins.dict", PickleMeaning.Dictionary);
        yield return new("__builtin__.dict", PickleMeaning.Dictionary);
        yield return new("builtins.set", PickleMeaning.Set);
        yield return new("__builtin__.set", PickleMeaning.Set);
        yield return new("torch.Size", PickleMeaning.Size);
        yield return new("torch._utils._rebuild_tensor", PickleMeaning.Tensor);
        yield return new("torch._utils._rebuild_tensor_v2", PickleMeaning.Tensor);
        yield return new("torch._utils._rebuild_parameter", PickleMeaning.Parameter);
        foreach (var (name, type) in Storages)
        {
            yield return new($"torch.{name}Storage", PickleMeaning.Storage, type);
            yield return new($"torch.cuda.{name}Storage", PickleMeaning.Storage, type);
        }
        foreach (var name in Placeholders)
            yield return new(name, PickleMeaning.Placeholder);
    }
}
