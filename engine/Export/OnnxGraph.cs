using System.Runtime.InteropServices;
using Google.Protobuf;
using DataType = Flixstock.Engine.TensorProto.Types.DataType;

namespace Flixstock.Engine;

/// <summary>
/// Collects nodes and constants of an ONNX graph. A node is called "layer/Operator", and so is the value it writes.
/// </summary>
internal sealed class OnnxGraph(string name, bool half)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public GraphProto Proto { get; } = new() { Name = name };

    /// <summary>Type of weights and activations.</summary>
    public DataType Activations { get; } = half ? DataType.Float16 : DataType.Float;

    /// <summary>Bytes of all constants.</summary>
    public long ConstantBytes { get; private set; }

    /// <summary>Appends a node and returns the name of its value.</summary>
    /// <exception cref="InvalidOperationException">The network has two layers of one name.</exception>
    public string Add(string layer, string operation, string[] inputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { Name = $"{layer}/{operation}", OpType = operation };
        if (!_names.Add(node.Name))
            throw new InvalidOperationException($"two nodes are named '{node.Name}'");
        node.Input.Add(inputs);
        node.Output.Add(node.Name);
        node.Attribute.Add(attributes);
        Proto.Node.Add(node);
        return node.Name;
    }

    /// <summary>
    /// A constant in the type of the activations, or in single precision if <paramref name="single"/> is true; once for
    /// each name.
    /// </summary>
    /// <exception cref="InputException">A value is too large for half precision.</exception>
    public string Numbers(string constant, float[] values, long[] extents, bool single = false)
    {
        if (single || Activations == DataType.Float)
            return Constant(constant, DataType.Float, MemoryMarshal.AsBytes<float>(values).ToArray(), extents);
        var halves = Array.ConvertAll(values, value => ToHalf(constant, value));
        return Constant(constant, DataType.Float16, MemoryMarshal.AsBytes<Half>(halves).ToArray(), extents);
    }

    /// <summary>A list of whole numbers; once for each name.</summary>
    public string Integers(string constant, params long[] values) =>
        Constant(constant, DataType.Int64, MemoryMarshal.AsBytes<long>(values).ToArray(), [values.Length]);

    public void Input(string input, DataType type, string description, params object[] extents) =>
        Proto.Input.Add(Value(input, type, description, extents));

    public void Output(string output, DataType type, string description, params object[] extents) =>
        Proto.Output.Add(Value(output, type, description, extents));

    public static AttributeProto Integer(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Single(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Text(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto List(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private string Constant(string constant, DataType type, byte[] bytes, long[] extents)
    {
        if (!_names.Add(constant))
            return constant;
        var tensor =
            new TensorProto { Name = constant, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
        tensor.Dims.Add(extents);
        Proto.Initializer.Add(tensor);
        ConstantBytes += bytes.Length;
        return constant;
    }

    private static Half ToHalf(string constant, float value)
    {
        var half = (Half)value;
        return Half.IsInfinity(half)
            ? throw new InputException($"{constant}: the weight {value} is too large for half precision (at most "
                + $"{Half.MaxValue}); export in single precision")
            : half;
    }

    // An extent is a number, or a name if it may be any.
    private static ValueInfoProto Value(string value, DataType type, string description, object[] extents)
    {
        var shape = new TensorShapeProto();
        foreach (var extent in extents)
        {
            shape.Dim.Add(extent is string free
                ? new TensorShapeProto.Types.Dimension { DimParam = free }
                : new TensorShapeProto.Types.Dimension { DimValue = (int)extent });
        }
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape };
        return
            new ValueInfoProto { Name = value, DocString = description, Type = new TypeProto { TensorType = tensor } };
    }
}
