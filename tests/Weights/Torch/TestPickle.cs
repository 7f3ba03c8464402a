using System.Buffers.Binary;
using System.Text;
using Flixstock.Engine;

namespace Flixstock.Tests.Weights;

/// <summary>Text to put into a pickle as it is, a byte for each character.</summary>
internal sealed record Raw(string Bytes);

/// <summary>
/// Makes PyTorch files of any shape: dictionaries in dictionaries, lists of tensors, and whatever a pickle could say.
/// </summary>
internal sealed class TestPickle
{
    private readonly List<byte> _bytes = [0x80, 2];
    private readonly Dictionary<string, byte[]> _records = [];

    /// <summary>
    /// A file: values are <see cref="StateDict"/>s, <see cref="StateTensor"/>s, lists of them, texts, numbers,
    /// <see cref="Raw"/>, and dictionaries of all these.
    /// </summary>
    public static byte[] File(object root)
    {
        var pickle = new TestPickle();
        pickle.Value(root);
        pickle._bytes.Add((byte)'.');
        return TestArchives.Zip(pickle._records.Prepend(KeyValuePair.Create("made/data.pkl", pickle._bytes.ToArray())));
    }

    /// <summary>A dictionary of named values.</summary>
    public static Dictionary<string, object> Of(params (string Name, object Value)[] entries) =>
        entries.ToDictionary(entry => entry.Name, entry => entry.Value);

    private void Value(object value)
    {
        switch (value)
        {
            case StateDict state:
                Items(state.Select(tensor => KeyValuePair.Create(tensor.Name, (object)tensor)));
                break;
            case Dictionary<string, object> dictionary: Items(dictionary); break;
            case IEnumerable<StateTensor> list:
                Ascii("](");
                foreach (var tensor in list) Tensor(tensor);
                Ascii("e");
                break;
            case StateTensor tensor: Tensor(tensor); break;
            case string text: Text(text); break;
            case int number: Ascii("J"); Int32(number); break;
            case Raw raw: Ascii(raw.Bytes); break;
            default: throw new ArgumentException($"{value}", nameof(value));
        }
    }

    private void Items(IEnumerable<KeyValuePair<string, object>> entries)
    {
        Ascii("}(");
        foreach (var (key, value) in entries)
        {
            Text(key);
            Value(value);
        }
        Ascii("u");
    }

    private void Tensor(StateTensor tensor)
    {
        var key = $"{_records.Count}";
        _records.Add($"made/data/{key}", tensor.Data.ToArray());
        Ascii("ctorch._utils\n_rebuild_tensor_v2\n((");
        Text("storage");
        Ascii($"ctorch\n{(tensor.Type == StateType.I64 ? "Long" : "Float")}Storage\n");
        Text(key);
        Text("cpu");
        Value((int)tensor.Count);
        Ascii("tQK\0(");
        var strides = new int[tensor.Shape.Count];
        for (var (axis, stride) = (strides.Length - 1, 1); axis >= 0; stride *= tensor.Shape[axis--])
            strides[axis] = stride;
        foreach (var extent in tensor.Shape)
            Value(extent);
        Ascii("t(");
        foreach (var stride in strides)
            Value(stride);
        Ascii("t\u0089}tR");
    }

    private void Text(string text)
    {
        Ascii("X");
        Int32(Encoding.UTF8.GetByteCount(text));
        _bytes.AddRange(Encoding.UTF8.GetBytes(text));
    }

    private void Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    private void Ascii(string text) => _bytes.AddRange(text.Select(character => (byte)character));
}
