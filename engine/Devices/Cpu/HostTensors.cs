namespace Flixstock.Engine;

/// <summary>Host views of tensors that lie in host memory. Only kernels, the CPU device and tests use them.</summary>
internal static unsafe class HostTensors
{
    /// <summary>The elements as a span.</summary>
    public static Span<float> Floats(this Tensor tensor) => new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The elements as a span.</summary>
    public static ReadOnlySpan<float> Floats(this ReadOnlyTensor tensor) => new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The elements as a span of any type of the same size.</summary>
    public static Span<T> Elements<T>(this Tensor tensor) where T : unmanaged => new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>The elements as a span of any type of the same size.</summary>
    public static ReadOnlySpan<T> Elements<T>(this ReadOnlyTensor tensor) where T : unmanaged =>
        new((void*)tensor.Address, checked((int)tensor.Count));

    /// <summary>Pointer to the first element.</summary>
    public static float* Pointer(this Tensor tensor) => (float*)tensor.Address;

    /// <summary>Pointer to the first element.</summary>
    public static float* Pointer(this ReadOnlyTensor tensor) => (float*)tensor.Address;
}
