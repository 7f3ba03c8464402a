namespace Flixstock.Engine;

/// <summary>
/// Host views of tensors that lie in host memory: what kernels of the processor read and write. Of a tensor of a GPU
/// they are not valid, and nothing checks that.
/// </summary>
public static unsafe class HostTensors
{
    /// <summary>The elements as a span.</summary>
    public static Span<float> Floats(this Tensor tensor) => new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The elements as a span.</summary>
    public static ReadOnlySpan<float> Floats(this ReadOnlyTensor tensor) =>
        new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The elements as a span of any type of the same size.</summary>
    public static Span<T> Elements<T>(this Tensor tensor) where T : unmanaged =>
        new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The elements as a span of any type of the same size.</summary>
    public static ReadOnlySpan<T> Elements<T>(this ReadOnlyTensor tensor) where T : unmanaged =>
        new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The bytes.</summary>
    public static Span<byte> Bits(this Tensor tensor) => new((void*)tensor.Address, checked((int)tensor.Bytes));

    /// <summary>The bytes.</summary>
    public static ReadOnlySpan<byte> Bits(this ReadOnlyTensor tensor) =>
        new((void*)tensor.Address, checked((int)tensor.Bytes));

    /// <summary>A copy as singles of a tensor of Float32, Float16 or BFloat16.</summary>
    public static float[] ToSingles(this ReadOnlyTensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => tensor.Floats().ToArray(),
        ElementType.Float16 => Array.ConvertAll(tensor.Elements<Half>().ToArray(), value => (float)value),
        ElementType.BFloat16 => Array.ConvertAll(
            tensor.Elements<ushort>().ToArray(), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
        _ => throw new ArgumentException($"a tensor of {tensor.Type} has no fractions", nameof(tensor)),
    };

    /// <summary>
    /// Writes singles into a tensor of Float32, Float16 or BFloat16, rounded to nearest, ties to even.
    /// </summary>
    public static void Round(this Tensor tensor, ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            switch (tensor.Type)
            {
                case ElementType.Float32:
                    tensor.Floats()[i] = values[i];
                    break;
                case ElementType.Float16:
                    tensor.Elements<Half>()[i] = (Half)values[i];
                    break;
                case ElementType.BFloat16:
                    tensor.Elements<ushort>()[i] = ToBFloat16(values[i]);
                    break;
                default:
                    throw new ArgumentException($"a tensor of {tensor.Type} has no fractions", nameof(tensor));
            }
        }
    }

    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FFF : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Pointer to the first element.</summary>
    public static float* Pointer(this Tensor tensor) => (float*)tensor.Address;

    /// <summary>Pointer to the first element.</summary>
    public static float* Pointer(this ReadOnlyTensor tensor) => (float*)tensor.Address;
}
