using System.Buffers.Binary;
using System.Text;

namespace Flixstock.Engine;

/// <summary>
/// Writes the pickles (protocol 2) of <see cref="TorchFile"/>: dictionaries, texts, whole numbers and tensors, in the
/// operations that PyTorch's own safe reader takes.
/// </summary>
internal sealed class PickleWriter : IDisposable
{
    private readonly MemoryStream _bytes = new();

    public PickleWriter()
    {
        Write(0x80, 2);
    }

    public byte[] Finish()
    {
        Write((byte)'.');
        return _bytes.ToArray();
    }

    public void Dispose() => _bytes.Dispose();

    /// <summary>An empty dictionary; follow with <see cref="BeginItems"/>.</summary>
    public void Dictionary() => Write((byte)'}');

    /// <summary>An empty collections.OrderedDict; follow with <see cref="BeginItems"/>.</summary>
    public void OrderedDictionary()
    {
        Global("collections", "OrderedDict");
        Write((byte)')', (byte)'R');
    }

    /// <summary>Keys and values follow, then <see cref="EndItems"/>.</summary>
    public void BeginItems() => Write((byte)'(');

    /// <summary>Puts them into the dictionary before <see cref="BeginItems"/>.</summary>
    public void EndItems() => Write((byte)'u');

    public void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Write((byte)'X');
        Int32(bytes.Length);
        _bytes.Write(bytes);
    }

    public void Number(long value)
    {
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            Write((byte)'J');
            Int32((int)value);
            return;
        }
        Span<byte> bytes = [0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt64LittleEndian(bytes[2..], value);
        _bytes.Write(bytes);
    }

    /// <summary>A contiguous tensor whose elements are the storage <paramref name="key"/>.</summary>
    public void Tensor(StateTensor tensor, string storageName, string key)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Write((byte)'(');
        Storage(storageName, key, tensor.Count);
        Number(0);
        Tuple(tensor.Shape.Select(extent => (long)extent));
        Tuple(Strides(tensor.Shape));
        Write(0x89); // gradients are not asked for
        OrderedDictionary();
        Write((byte)'t', (byte)'R');
    }

    private void Storage(string storageName, string key, long count)
    {
        Write((byte)'(');
        Text("storage");
        Global("torch", storageName);
        Text(key);
        Text("cpu");
        Number(count);
        Write((byte)'t', (byte)'Q');
    }

    private void Global(string module, string name) => _bytes.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    private void Tuple(IEnumerable<long> values)
    {
        Write((byte)'(');
        foreach (var value in values)
            Number(value);
        Write((byte)'t');
    }

    private static long[] Strides(IReadOnlyList<int> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (var axis = shape.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(shape[axis], 1);
        }
        return strides;
    }

    private void Write(params ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
