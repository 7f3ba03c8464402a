namespace Flixstock.Engine;

/// <summary>The meaning of a name in a pickle.</summary>
internal enum PickleMeaning
{
    Dictionary,
    OrderedDictionary,
    Set,
    Size,
    Storage,
    Tensor,
    Parameter,
    TypedTensor,
    List,
    Placeholder,
    Pair,
}

/// <summary>A name in a pickle that is on the list.</summary>
internal sealed record PickleGlobal(string Name, PickleMeaning Meaning, StateType Type = StateType.U8)
{
    public override string ToString() => Name;
}

/// <summary>
/// The names a PyTorch file may hold. A name is looked up here and nowhere else: none is ever imported or called. Those
/// of classes that real checkpoints carry but that have no meaning for weights (<see cref="InertNames"/>) become inert
/// placeholders; every other name is refused.
/// </summary>
internal static class PickleGlobals
{
    /// <summary>PyTorch's names of element types in storages.</summary>
    public static IReadOnlyDictionary<string, StateType> Storages { get; } = new Dictionary<string, StateType>(
        StringComparer.Ordinal)
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

    private static readonly Dictionary<string, PickleGlobal> Known = All()
        .ToDictionary(item => item.Name, StringComparer.Ordinal);

    /// <summary>The meaning of a name.</summary>
    /// <exception cref="InputException">It is not on the list; names it.</exception>
    public static PickleGlobal Find(string module, string name) =>
        Known.GetValueOrDefault($"{module}.{name}") ?? InertNames.MemberOf(module, name)
        ?? throw new InputException(
            $"it names {Shown(module)}.{Shown(name)}, which is not among the things a file of weights may hold; "
                + $"nothing was executed; {WholeModule(module)}{TorchFile.Remedy}");

    private static string Shown(string text) => TorchFile.Shown(text);

    // The classes that a network is made of: then the file is the model itself, not its weights.
    private static string WholeModule(string module) => module.StartsWith("torch.nn.modules", StringComparison.Ordinal)
        ? "it holds whole modules of a program; " : "";

    private static IEnumerable<PickleGlobal> All()
    {
        yield return new("collections.OrderedDict", PickleMeaning.OrderedDictionary);
        yield return new("collections.defaultdict", PickleMeaning.Dictionary);
        foreach (var builtins in InertNames.Builtins)
        {
            yield return new($"{builtins}.dict", PickleMeaning.Dictionary);
            yield return new($"{builtins}.set", PickleMeaning.Set);
            yield return new($"{builtins}.frozenset", PickleMeaning.Set);
            yield return new($"{builtins}.list", PickleMeaning.List);
        }
        yield return new("collections.deque", PickleMeaning.List);
        yield return new("torch.Size", PickleMeaning.Size);
        yield return new("torch._utils._rebuild_tensor", PickleMeaning.Tensor);
        yield return new("torch._utils._rebuild_tensor_v2", PickleMeaning.Tensor);
        yield return new("torch._utils._rebuild_parameter", PickleMeaning.Parameter);
        yield return new("torch._utils._rebuild_parameter_with_state", PickleMeaning.Parameter);
        yield return new("torch._tensor._rebuild_from_type_v2", PickleMeaning.TypedTensor);
        foreach (var (name, type) in Storages)
        {
            yield return new($"torch.{name}Storage", PickleMeaning.Storage, type);
            yield return new($"torch.cuda.{name}Storage", PickleMeaning.Storage, type);
        }
        foreach (var name in InertNames.All)
            yield return new(name, PickleMeaning.Placeholder);
        foreach (var name in InertPairs.Callables)
            yield return new(name, PickleMeaning.Pair);
    }
}
