using System.Collections.Concurrent;
using Flixstock.Engine;

namespace Flixstock.KernelLab;

/// <summary>16-bit values on the host, and tensors of them.</summary>
internal static class HalfPrecision
{
    /// <summary>Distance from 1 to the next value: what a stored result may be off, relative to the largest.</summary>
    public static double Step(ElementType type) => type switch
    {
        ElementType.Float16 => Math.Pow(2, -10),
        ElementType.BFloat16 => Math.Pow(2, -7),
        _ => 0,
    };

    /// <summary>Distance from 0 to the next value: what a result may be off whatever its size.</summary>
    public static double Smallest(ElementType type) => type == ElementType.Float16 ? Math.Pow(2, -24) : 0;

    /// <summary>Rounded to nearest, ties to even.</summary>
    public static float[] Round(float[] values, ElementType type) =>
        type == ElementType.Float32 ? values : Converted(values, value => Widen(Narrow(value, type), type));

    /// <summary>
    /// A tensor of this type; on the processor, which computes in singles only, one of the rounded values.
    /// </summary>
    public static Tensor Store(Device device, float[] values, ElementType type)
    {
        var shape = new Shape(values.Length);
        if (device.IsHost || type == ElementType.Float32)
            return device.FromHost<float>(Round(values, type), shape);
        return device.FromHost<ushort>(Converted(values, value => Narrow(value, type)), shape, type);
    }

    /// <summary>A tensor's elements as singles.</summary>
    public static float[] Load(Device device, ReadOnlyTensor tensor) => tensor.Type == ElementType.Float32
        ? device.ToHost<float>(tensor)
        : Converted(device.ToHost<ushort>(tensor), bits => Widen(bits, tensor.Type));

    // Tensors that are timed have a hundred million elements.
    private static To[] Converted<From, To>(From[] values, Converter<From, To> convert)
    {
        const int Few = 1 << 16;
        if (values.Length < Few)
            return Array.ConvertAll(values, convert);
        var result = new To[values.Length];
        Parallel.ForEach(Partitioner.Create(0, values.Length), range =>
        {
            for (var i = range.Item1; i < range.Item2; i++)
                result[i] = convert(values[i]);
        });
        return result;
    }

    private static ushort Narrow(float value, ElementType type)
    {
        if (type == ElementType.Float16)
            return BitConverter.HalfToUInt16Bits((Half)value);
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FFF : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static float Widen(ushort bits, ElementType type) =>
        type == ElementType.Float16
            ? (float)BitConverter.UInt16BitsToHalf(bits)
            : BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
