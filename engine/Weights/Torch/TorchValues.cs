namespace Flixstock.Engine;

/// <summary>Kinds of <see cref="TorchList"/>.</summary>
internal enum TorchListKind
{
    /// <summary>list</summary>
    List,
    /// <summary>tuple or torch.Size</summary>
    Tuple,
    /// <summary>set or frozenset</summary>
    Set,
}

/// <summary>
/// A dictionary of a PyTorch file, in its order. Keys are strings, numbers, booleans, null or tuples; values are null,
/// bool, long, <see cref="System.Numerics.BigInteger"/>, double, string, byte[], <see cref="TorchDictionary"/>,
/// <see cref="TorchList"/>, <see cref="TorchTensor"/> or <see cref="TorchObject"/>.
/// </summary>
/// <remarks>Threads: any number.</remarks>
internal sealed class TorchDictionary
{
    // HashCode.Combine is seeded anew in every process: no file can be made of keys that collide.
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public new bool Equals(object? x, object? y) => object.Equals(x, y);

        public int GetHashCode(object key) => HashCode.Combine(key);
    }

    private static readonly object NoneKey = new();
    private readonly Dictionary<object, int> _index = new(new KeyComparer());
    private readonly List<KeyValuePair<object?, object?>> _entries = [];

    /// <summary>True for collections.OrderedDict.</summary>
    public bool Ordered { get; init; }

    /// <summary>Keys and values in order.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => _entries;

    /// <summary>Attributes set on the object itself, as a state dict's <c>_metadata</c>; mostly null.</summary>
    public object? Attributes { get; internal set; }

    /// <summary>The value of a key, or null.</summary>
    public object? this[object key] => _index.TryGetValue(key, out var i) ? _entries[i].Value : null;

    /// <summary>Sets a value; an existing key keeps its place, as in Python.</summary>
    internal void Set(object? key, object? value)
    {
        if (_index.TryGetValue(key ?? NoneKey, out var i))
        {
            _entries[i] = new(key, value);
            return;
        }
        _index.Add(key ?? NoneKey, _entries.Count);
        _entries.Add(new(key, value));
    }
}

/// <summary>A list, tuple or set of a PyTorch file.</summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="kind">Whether it is a list, a tuple or a set.</param>
internal sealed class TorchList(TorchListKind kind)
{
    private readonly List<object?> _items = [];

    /// <summary>Whether it is a list, a tuple or a set.</summary>
    public TorchListKind Kind { get; } = kind;

    /// <summary>The values, of the types that <see cref="TorchDictionary"/> lists.</summary>
    public IReadOnlyList<object?> Items => _items;

    internal void Add(object? item) => _items.Add(item);
}

/// <summary>
/// Stands for an object of a class that files may name but that means nothing here, as <c>argparse.Namespace</c>.
/// Nothing was executed to make it.
/// </summary>
/// <remarks>Threads: any number.</remarks>
/// <param name="typeName">Name of the type, such as <c>argparse.Namespace</c>.</param>
internal sealed class TorchObject(string typeName)
{
    /// <summary>Name of the type, such as <c>argparse.Namespace</c>.</summary>
    public string TypeName { get; } = typeName;

    /// <summary>The arguments that the constructor would have been given, or null.</summary>
    public object? Arguments { get; init; }

    /// <summary>The attributes that it would have had, mostly a <see cref="TorchDictionary"/>, or null.</summary>
    public object? State { get; internal set; }
}
