using System.Runtime.InteropServices;

namespace Flixstock.Engine;

/// <summary>Reads and makes the elements of <see cref="StateTensor"/>s.</summary>
public static class StateTensors
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this StateType type) => type switch
    {
        StateType.F64 or StateType.I64 => 8,
        StateType.F32 or StateType.I32 => 4,
        StateType.F16 or StateType.BF16 or StateType.I16 => 2,
        _ => 1,
    };

    /// <summary>The elements as singles, for any type.</summary>
    public static float[] ToFloats(this StateTensor tensor)
    {
        var data = tensor.Data.Span;
        return tensor.Type switch
        {
            StateType.F32 => MemoryMarshal.Cast<byte, float>(data).ToArray(),
            StateType.F64 => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(data).ToArray(), value => (float)value),
            StateType.F16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(data).ToArray(), value => (float)value),
            StateType.BF16 => Array.ConvertAll(
                MemoryMarshal.Cast<byte, ushort>(data).ToArray(),
                bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
            _ => Array.ConvertAll(tensor.ToIntegers(), value => (float)value),
        };
    }

    /// <summary>The elements of an integer tensor.</summary>
    /// <exception cref="InputException">The tensor is not of an integer type.</exception>
    public static long[] ToIntegers(this StateTensor tensor)
    {
        var data = tensor.Data.Span;
        return tensor.Type switch
        {
            StateType.I64 => MemoryMarshal.Cast<byte, long>(data).ToArray(),
            StateType.I32 => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(data).ToArray(), value => (long)value),
            StateType.I16 => Array.ConvertAll(MemoryMarshal.Cast<byte, short>(data).ToArray(), value => (long)value),
            StateType.I8 => Array.ConvertAll(MemoryMarshal.Cast<byte, sbyte>(data).ToArray(), value => (long)value),
            StateType.U8 or StateType.Bool => Array.ConvertAll(data.ToArray(), value => (long)value),
            _ => throw new InputException($"tensor '{tensor.Name}' is of type {tensor.Type}, not of an integer type"),
        };
    }

    /// <summary>A float32 tensor.</summary>
    public static StateTensor From(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values) =>
        new(name, StateType.F32, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>A float32 tensor whose elements are read whenever they are asked for.</summary>
    /// <param name="name">Published name of the tensor.</param>
    /// <param name="shape">Extents; empty for a scalar.</param>
    /// <param name="source">Makes the bytes of the elements.</param>
    internal static StateTensor From(string name, IReadOnlyList<int> shape, Func<byte[]> source) =>
        new(name, StateType.F32, shape, ReadOnlyMemory<byte>.Empty) { Source = source };

    /// <summary>An int64 scalar.</summary>
    public static StateTensor From(string name, long value) =>
        new(name, StateType.I64, [], BitConverter.GetBytes(value));
}
