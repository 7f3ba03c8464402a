using System.Collections;

namespace Flixstock.Engine;

/// <summary>Element type of a tensor in a file.</summary>
public enum StateType
{
    /// <summary>float32</summary>
    F32,
    /// <summary>float64</summary>
    F64,
    /// <summary>IEEE half</summary>
    F16,
    /// <summary>bfloat16</summary>
    BF16,
    /// <summary>int64</summary>
    I64,
    /// <summary>int32</summary>
    I32,
    /// <summary>int16</summary>
    I16,
    /// <summary>int8</summary>
    I8,
    /// <summary>uint8</summary>
    U8,
    /// <summary>boolean, one byte</summary>
    Bool,
}

/// <summary>A tensor as stored in files: little endian, row-major, convolution weights OIHW.</summary>
/// <param name="Name">Published name of the tensor.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Extents; empty for a scalar.</param>
/// <param name="Data">Bytes of the elements.</param>
public sealed record StateTensor(string Name, StateType Type, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Bytes of the elements.</summary>
    public ReadOnlyMemory<byte> Data
    {
        get => Source is { } read ? read() : field;
        init;
    } = Data;

    /// <summary>
    /// Reads the elements whenever they are asked for, so that a network on its way to a file is not in memory twice;
    /// null: <see cref="Data"/> was given.
    /// </summary>
    internal Func<byte[]>? Source { get; init; }

    /// <summary>Number of bytes that the shape and the type make.</summary>
    internal long ByteCount => Count * Type.Size();

    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Shape as <c>[64, 48, 3, 3]</c>.</summary>
    public string ShapeText => "[" + string.Join(", ", Shape) + "]";
}

/// <summary>An ordered list of named tensors, and the file's metadata.</summary>
/// <remarks>Threads: any number, as long as none adds to it.</remarks>
public sealed class StateDict : IReadOnlyCollection<StateTensor>
{
    private readonly List<StateTensor> _tensors = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);

    /// <summary>Free text by key.</summary>
    public SortedDictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public int Count => _tensors.Count;

    /// <summary>Names in order.</summary>
    public IEnumerable<string> Names => _tensors.Select(tensor => tensor.Name);

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="InputException">No tensor has this name.</exception>
    public StateTensor this[string name] =>
        Find(name) ?? throw new InputException($"no tensor named '{name}' among {Count}");

    /// <summary>The tensor of a name, or null.</summary>
    public StateTensor? Find(string name) => _index.TryGetValue(name, out var i) ? _tensors[i] : null;

    /// <summary>Appends a tensor.</summary>
    /// <exception cref="InputException">The name is taken.</exception>
    public void Add(StateTensor tensor)
    {
        if (!_index.TryAdd(tensor.Name, _tensors.Count))
            throw new InputException($"two tensors are named '{tensor.Name}'");
        _tensors.Add(tensor);
    }

    /// <summary>The same with all elements in memory, whatever becomes of what they were read from.</summary>
    internal StateDict Copied()
    {
        var copy = new StateDict();
        foreach (var tensor in _tensors)
            copy.Add(tensor.Source is null ? tensor : tensor with { Data = tensor.Data, Source = null });
        foreach (var (key, value) in Metadata)
            copy.Metadata[key] = value;
        return copy;
    }

    /// <inheritdoc />
    public IEnumerator<StateTensor> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
